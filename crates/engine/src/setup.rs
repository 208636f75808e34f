//! What every step works with: the deployment as the engine sees it.

use std::collections::{BTreeMap, BTreeSet};

use connector::Setting;
use model::{
    AttributeSchema, ConnectorId, Dn, DnStyle, Name, ObjectSchema, Schema, Value, ValueType,
};
use rules::{ConnectorDocument, DeletionRule, Deployment, RuleSet};
use store::{IndexedAttributes, Store, StoreError};

/// One connector, as far as planning needs it.
#[derive(Debug, Clone)]
pub struct ConnectorSetup {
    /// Its number.
    pub id: ConnectorId,
    /// Its name.
    pub name: Name,
    /// Its document.
    pub document: ConnectorDocument,
    /// The selected object types and attributes.
    pub schema: Schema,
    /// How its objects are named.
    pub dn_style: DnStyle,
    /// The partitions that objects with names in a tree lie in; none where the connector has only
    /// one without a name.
    pub partitions: Vec<Dn>,
    /// The attributes that bring references into the metaverse: object type and attribute.
    pub references: BTreeSet<(Name, Name)>,
    /// What expressions of its rules read as `%name%`.
    pub parameters: BTreeMap<Name, Value>,
}

impl ConnectorSetup {
    /// True if an object of this name would lie in a partition of the connector.
    #[must_use]
    pub fn covers(&self, dn: &Dn) -> bool {
        self.partitions.is_empty() || self.partitions.iter().any(|base| dn.is_within(base))
    }
}

/// True if an object of this name lies in a partition, or none is asked for.
pub(crate) fn is_within(dn: &str, partition: Option<&Dn>) -> bool {
    partition.is_none_or(|base| Dn::parse(dn).is_ok_and(|dn| dn.is_within(base)))
}

/// The names of the partitions in a connector's settings.
fn partitions(document: &ConnectorDocument) -> Vec<Dn> {
    let Some(Setting::List(list)) = document.config.settings.get("partitions") else {
        return Vec::new();
    };
    let name = |partition: &Setting| match partition {
        Setting::Table(table) => match table.get("dn") {
            Some(Setting::Text(dn)) => Dn::parse(dn).ok(),
            _ => None,
        },
        _ => None,
    };
    list.iter().filter_map(name).collect()
}

/// The indexed attributes of a connector that are references.
fn references(deployment: &Deployment, name: &Name, schema: &Schema) -> BTreeSet<(Name, Name)> {
    let indexed = deployment.indexed().connector_space.get(name);
    let is_reference = |object_type: &Name, attribute: &Name| {
        let found = schema.attribute(object_type, attribute);
        found.is_some_and(|schema| schema.value_type == ValueType::Reference)
    };
    let pairs = schema.types.keys().flat_map(|object_type| {
        let attributes = indexed.into_iter().flatten();
        attributes.map(move |attribute| (object_type.clone(), attribute.clone()))
    });
    pairs.filter(|(object_type, attribute)| is_reference(object_type, attribute)).collect()
}

/// The deployment with its connectors numbered.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The configuration.
    pub deployment: Deployment,
    /// The connectors by number.
    pub connectors: BTreeMap<ConnectorId, ConnectorSetup>,
}

impl Setup {
    /// Numbers the connectors of `deployment` in `store`. `described` gives each one's schema and
    /// naming.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new(
        deployment: Deployment,
        described: &BTreeMap<Name, (Schema, DnStyle)>,
        store: &dyn Store,
    ) -> Result<Self, StoreError> {
        let mut connectors = BTreeMap::new();
        for (name, document) in &deployment.connectors {
            let Some((schema, dn_style)) = described.get(name) else { continue };
            let id = store.connector_id(name).await?;
            let setup = ConnectorSetup {
                id,
                name: name.clone(),
                document: document.clone(),
                schema: schema.clone(),
                dn_style: *dn_style,
                partitions: partitions(document),
                references: references(&deployment, name, schema),
                parameters: document.parameters(name, &id.0.to_string()),
            };
            connectors.insert(id, setup);
        }
        Ok(Self { deployment, connectors })
    }

    /// The connector `name`.
    #[must_use]
    pub fn connector(&self, name: &str) -> Option<&ConnectorSetup> {
        self.connectors.values().find(|c| c.name == *name)
    }

    /// The attributes that joins look up, as the store wants them named.
    #[must_use]
    pub fn indexed(&self) -> IndexedAttributes {
        let indexed = self.deployment.indexed();
        let by_connector = indexed.connector_space.iter().filter_map(|(name, attributes)| {
            let id = self.connector(name)?.id;
            Some(attributes.iter().map(move |attribute| (id, attribute.clone())))
        });
        IndexedAttributes {
            metaverse: indexed.metaverse.clone(),
            connector_space: by_connector.flatten().collect(),
        }
    }

    /// True if values of a metaverse attribute are looked up: it is declared as indexed, or a
    /// relationship or an expression asks for it.
    #[must_use]
    pub fn is_mv_indexed(&self, attribute: &Name) -> bool {
        self.deployment.indexed().metaverse.contains(attribute)
    }

    /// The attributes of a metaverse type.
    #[must_use]
    pub fn mv_schema(&self, object_type: &str) -> Option<&ObjectSchema> {
        self.deployment.metaverse.types.get(object_type).map(|found| &found.attributes)
    }

    /// One metaverse attribute.
    #[must_use]
    pub fn mv_attribute(&self, object_type: &str, attribute: &str) -> Option<&AttributeSchema> {
        self.mv_schema(object_type)?.get(attribute)
    }

    /// The deletion rule of a metaverse type.
    pub(crate) fn deletion(&self, object_type: &str) -> DeletionRule {
        let found = self.deployment.metaverse.types.get(object_type);
        found.map(|found| found.deletion.clone()).unwrap_or_default()
    }

    /// True if the deletion rule of a metaverse type ends an object that has lost its link to
    /// `connector` and has those of the connectors `left`.
    pub(crate) fn deletes(&self, object_type: &str, connector: &str, left: &[ConnectorId]) -> bool {
        left.is_empty()
            || match self.deletion(object_type) {
                DeletionRule::Any { connectors } => connectors.iter().any(|c| *c == *connector),
                DeletionRule::Last { excluding } => left.iter().all(|id| {
                    let setup = self.connectors.get(id);
                    setup.is_some_and(|setup| excluding.contains(&setup.name))
                }),
            }
    }
}

/// The deployment and the rules in force: everything a plan depends on beside the objects.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The deployment.
    pub setup: &'a Setup,
    /// The rules.
    pub rules: &'a RuleSet,
}

impl Policy<'_> {
    /// True if the values of a metaverse attribute can come from several contributors at once.
    pub(crate) fn is_shared(self, object_type: &Name, attribute: &Name) -> bool {
        let declared = self.setup.deployment.metaverse.types.get(object_type);
        declared.is_some_and(|declared| declared.is_equal(attribute))
            || self.rules.is_merged(object_type, attribute)
    }
}
