//! Assignments of workflows: the Function Evaluator activity, whose tree is escaped text in an
//! attribute.

use super::xml::{self, Element};
use super::{StoredArgument, StoredCall, StoredError};
use crate::{Ast, parse};

/// The function that stands for no function: the value is assigned as it is.
const ASSIGNMENT: &str = "SingleValueAssignment";

/// The name of the element, which a workflow writes with a prefix.
const ACTIVITY: &str = "FunctionActivity";

/// One Function Evaluator activity. Its name and the prefix of its element belong to the workflow
/// around it and are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionActivity {
    /// What people call it; may be empty.
    pub description: String,
    /// Where the value goes, as written: `[//WorkflowData/upnSuffix]`.
    pub destination: String,
    /// The tree.
    pub call: StoredCall,
}

impl FunctionActivity {
    /// An activity that assigns what was typed as text; nothing for operators that stored trees
    /// do not know.
    #[must_use]
    pub fn of_ast(destination: &str, ast: &Ast) -> Option<Self> {
        let call = StoredCall::of_ast(ast).or_else(|| {
            let arguments = vec![StoredArgument::of_node(ast.root())?];
            Some(StoredCall { id: ASSIGNMENT.to_owned(), is_custom: false, arguments })
        })?;
        Some(Self { description: String::new(), destination: destination.to_owned(), call })
    }

    /// Reads the document of a workflow, or of one activity: all Function Evaluator activities in
    /// it, in the order of the document.
    ///
    /// # Errors
    /// [`StoredError`]; for a tree in an attribute, the place is that of the activity.
    pub fn read_all(xml: &str) -> Result<Vec<Self>, StoredError> {
        Self::of_workflow(&xml::read(xml)?)
    }

    pub(super) fn of_workflow(root: &Element) -> Result<Vec<Self>, StoredError> {
        let mut found = Vec::new();
        let mut next = vec![root];
        while let Some(element) = next.pop() {
            if local_name(element) == ACTIVITY {
                found.push(Self::of_element(element)?);
            }
            next.extend(element.children.iter().rev());
        }
        Ok(found)
    }

    /// Whether an element may be a workflow or an activity.
    pub(super) fn is_workflow(root: &Element) -> bool {
        let name = local_name(root);
        name == ACTIVITY || name.ends_with("Workflow")
    }

    fn of_element(element: &Element) -> Result<Self, StoredError> {
        let text = |name: &str| element.attribute(name).map(str::to_owned);
        let destination = text("Destination")
            .ok_or_else(|| StoredError::element(element, "has no Destination"))?;
        let tree = element
            .attribute("FunctionExpression")
            .ok_or_else(|| StoredError::element(element, "has no FunctionExpression"))?;
        let call = StoredCall::read(tree).map_err(|error| error.inside(element.at))?;
        Ok(Self { description: text("Description").unwrap_or_default(), destination, call })
    }

    /// The expression that is assigned, without the function that stands for none.
    ///
    /// # Errors
    /// [`StoredError::Expression`], with a place in the text of the tree.
    pub fn ast(&self) -> Result<Ast, StoredError> {
        match (self.call.id.as_str(), self.call.arguments.as_slice()) {
            (ASSIGNMENT, [StoredArgument::Token(token)]) => Ok(parse(token)?),
            (ASSIGNMENT, [StoredArgument::Call(call)]) => call.ast(),
            _ => self.call.ast(),
        }
    }

    /// The activity as XML on one line.
    ///
    /// # Errors
    /// [`StoredError::Character`].
    pub fn write(&self) -> Result<String, StoredError> {
        let mut out = format!("<{ACTIVITY} Description=\"");
        xml::escape_attribute(&mut out, &self.description)?;
        out.push_str("\" Destination=\"");
        xml::escape_attribute(&mut out, &self.destination)?;
        out.push_str("\" FunctionExpression=\"");
        xml::escape_attribute(&mut out, &self.call.write()?)?;
        out.push_str("\"/>");
        Ok(out)
    }
}

/// The name without its prefix.
fn local_name(element: &Element) -> &str {
    element.name.rsplit(':').next().unwrap_or_default()
}
