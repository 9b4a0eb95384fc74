//! What a database server was asked.

use anyhow::Result;

use super::World;

/// The log of the database, without what is asked about it here.
const LOG: &str = "mysql.general_log";

impl World {
    /// From now on the world's own database server keeps what it is asked.
    pub fn keep_statements(&self) -> Result<()> {
        self.sql("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON")?;
        self.statements().map(drop)
    }

    /// What it was asked since the last call, by everybody: each entry is one round trip, with all
    /// statements that were sent together.
    pub fn statements(&self) -> Result<Vec<String>> {
        let asked = self.sql(&format!(
            "SELECT REPLACE(argument, '\n', ' ') FROM {LOG} \
             WHERE command_type IN ('Query', 'Execute') AND argument NOT LIKE '%{LOG}%' \
             ORDER BY event_time; TRUNCATE {LOG}"
        ))?;
        Ok(asked.into_iter().map(|row| row.join(" ")).collect())
    }
}
