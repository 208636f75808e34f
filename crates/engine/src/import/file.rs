//! An import that ends in a file, and one that begins in it.

use async_trait::async_trait;
use connector::{ConnectorError, ErrorKind, ImportEntry, ImportPage, ImportSession};
use model::Changes;
use rules::ProfileStep;

use crate::counters::FILE_OBJECTS;
use crate::drop_file::{LineReader, StepPath, read_line, write_page};
use crate::error::StepError;
use crate::limits::IMPORT_BATCH_ENTRIES;
use crate::result::StepResult;
use crate::run::ActiveRun;

/// Writes everything that is read to the file and stops: connector space and watermark stay.
pub(super) async fn write(
    run: &mut ActiveRun<'_>,
    session: &mut dyn ImportSession,
    file: &StepPath,
    step: &ProfileStep,
) -> Result<(StepResult, Option<String>), StepError> {
    let mut writer = file.create()?;
    let mut errors = 0;
    loop {
        if run.is_to_stop() {
            return Ok(run.stopped());
        }
        let mut page = session.next_page().await.map_err(StepError::while_reading)?;
        let written = run.tally.get(FILE_OBJECTS);
        let room = step.object_limit.map_or(u64::MAX, |limit| limit - written);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let is_cut = page.entries.len() > room;
        page.entries.truncate(room);
        errors += page.errors.len();
        run.tally.add(FILE_OBJECTS, page.entries.len() as u64);
        run.observer.progress(run.tally.get(FILE_OBJECTS));
        let is_last = page.end.is_some();
        if is_cut {
            let reason = "the limit of objects".to_owned();
            page.end = Some(connector::Completeness::Incomplete { reason });
        }
        write_page(&mut writer, &page)?;
        run.renew().await?;
        if is_cut {
            writer.finish()?;
            let limit = step.object_limit.unwrap_or_default();
            let message = format!("the step takes {limit} objects, and there are more");
            return Ok((StepResult::StoppedObjectLimit, Some(message)));
        }
        if is_last {
            writer.finish()?;
            if errors == 0 {
                return Ok((StepResult::Success, None));
            }
            let message = format!("{errors} entries could not be read; the file names them");
            return Ok((StepResult::CompletedDiscoveryErrors, Some(message)));
        }
    }
}

/// A file in the place of the connected system.
pub(super) struct FileSession {
    reader: LineReader,
}

impl FileSession {
    pub(super) fn open(file: &StepPath) -> Result<Self, StepError> {
        Ok(Self { reader: file.open()? })
    }
}

#[async_trait]
impl ImportSession for FileSession {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let wrong = |text: String| ConnectorError::new(ErrorKind::UnexpectedData, text);
        let mut page = ImportPage::default();
        while page.end.is_none() && page.entries.len() < IMPORT_BATCH_ENTRIES {
            let line = self.reader.next_line().map_err(wrong)?;
            let line = line.ok_or_else(|| wrong(self.reader.wrong("the file ends too early")))?;
            if !read_line(&line, &mut page) {
                return Err(wrong(self.reader.wrong("it says nothing that is known")));
            }
        }
        Ok(page)
    }

    /// A file cannot be asked: such an object remains one that is not known whole.
    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        let unknown = |anchor: &String| ImportEntry::Change {
            anchor: anchor.clone(),
            dn: None,
            changes: Changes::new(),
        };
        Ok(anchors.iter().map(unknown).collect())
    }

    /// Nobody knows what the connector's own read would have said.
    fn repeats_objects(&self) -> bool {
        true
    }
}
