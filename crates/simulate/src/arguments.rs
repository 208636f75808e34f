//! The command line.

/// What the simulation is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// How many seeds.
    pub(crate) seeds: u64,
    /// The first seed.
    pub(crate) from: u64,
    /// How many at a time.
    pub(crate) jobs: usize,
    /// The whole story of each seed is told.
    pub(crate) talks: bool,
    /// A violation does not end the simulation.
    pub(crate) goes_on: bool,
    /// The bug that is switched on.
    pub(crate) mutant: Option<String>,
    /// The commit that is simulated, for reports.
    pub(crate) commit: Option<String>,
}

const USAGE: &str = "\
usage: cargo xtask simulate [--seeds N] [--from S] [--jobs J] [-v] [--keep-going] [--mutant NAME]

  --seeds N      how many seeds (1000)
  --from S       the first seed (1)
  --jobs J       how many at a time (as many as there are processors)
  -v             tell the whole story of each seed
  --keep-going   go on after a violation
  --mutant NAME  switch a known bug on, which has to be found";

impl Arguments {
    /// Reads them.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let mut arguments = Self {
            seeds: 1_000,
            from: 1,
            jobs: processors,
            talks: false,
            goes_on: false,
            mutant: None,
            commit: None,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "-v" => arguments.talks = true,
                "--keep-going" => arguments.goes_on = true,
                "--seeds" | "--from" | "--jobs" | "--mutant" | "--commit" => {
                    let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
                    arguments.set(&word, value)?;
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        // Stories told at the same time would be told in pieces.
        if arguments.talks {
            arguments.jobs = 1;
        }
        Ok(arguments)
    }

    fn set(&mut self, word: &str, value: String) -> Result<(), String> {
        let number = || value.parse::<u64>().map_err(|_| format!("`{word}` needs a number"));
        match word {
            "--seeds" => self.seeds = number()?,
            "--from" => self.from = number()?,
            "--jobs" => self.jobs = usize::try_from(number()?).unwrap_or(1).max(1),
            "--mutant" => self.mutant = Some(value),
            _ => self.commit = Some(value),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn numbers_and_flags_are_read() {
        let read = read("--seeds 7 --from 40 --jobs 0 --keep-going --mutant x").unwrap();
        assert_eq!((read.seeds, read.from, read.jobs), (7, 40, 1));
        assert!(read.goes_on && !read.talks);
        assert_eq!(read.mutant.as_deref(), Some("x"));
    }

    #[test]
    fn stories_are_told_one_at_a_time() {
        assert_eq!(read("-v --jobs 8").unwrap().jobs, 1);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(read("--seeds many"), Err("`--seeds` needs a number".to_owned()));
        assert_eq!(read("--seeds"), Err("`--seeds` needs a value".to_owned()));
        assert!(read("--wings").unwrap_err().starts_with("usage: "));
    }
}
