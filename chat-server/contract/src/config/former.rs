//! Names that variables had in 0.1. Servers read them, and the operator writes them beside the new
//! ones, until 0.3: an operator runs servers of the version before, and the reverse.

use super::ServerConfig;

/// The former name, and the name.
const FORMER: [(&str, &str); 6] = [
    ("CHAT_DRAIN_SECONDS", "CHAT_DRAIN_TIMEOUT"),
    ("CHAT_DRAIN_PER_SECOND", "CHAT_DRAIN_SOCKETS_PER_SECOND"),
    ("CHAT_STORE_PATIENCE", "CHAT_MYSQL_STARTUP_TIMEOUT"),
    ("CHAT_HEARTBEAT", "CHAT_HEARTBEAT_INTERVAL"),
    ("CHAT_SOCKET_QUEUE", "CHAT_SOCKET_SEND_QUEUE"),
    ("CHAT_SOCKET_COMMANDS", "CHAT_SOCKET_COMMAND_QUEUE"),
];

/// The former name of a variable.
#[must_use]
pub fn former_name(name: &str) -> Option<&'static str> {
    FORMER.iter().find(|(_, now)| *now == name).map(|(former, _)| *former)
}

impl ServerConfig {
    /// Variables that are set by their former name alone: that name, and the one to use.
    #[must_use]
    pub fn former_names_in_use(
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<(&'static str, &'static str)> {
        let is_set = |name: &str| lookup(name).is_some_and(|value| !value.trim().is_empty());
        FORMER.into_iter().filter(|(former, name)| is_set(former) && !is_set(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_former_name_is_read_where_the_new_one_is_not_set() {
        let read = |vars: &[(&str, &str)]| {
            let mut vars: HashMap<_, _> = vars.iter().copied().collect();
            vars.insert("CHAT_MYSQL_URL", "mysql://a:b@c/d");
            let lookup = |name: &str| vars.get(name).map(|value| (*value).to_owned());
            let used = ServerConfig::former_names_in_use(&lookup);
            (ServerConfig::from_vars(&lookup), used)
        };
        let (config, used) = read(&[("CHAT_DRAIN_SECONDS", "7s"), ("CHAT_SOCKET_QUEUE", "32")]);
        let config = config.unwrap();
        assert_eq!((config.drain.as_secs(), config.socket_queue), (7, 32));
        let expected = [
            ("CHAT_DRAIN_SECONDS", "CHAT_DRAIN_TIMEOUT"),
            ("CHAT_SOCKET_QUEUE", "CHAT_SOCKET_SEND_QUEUE"),
        ];
        assert_eq!(used, expected);

        let both = [("CHAT_DRAIN_SECONDS", "7s"), ("CHAT_DRAIN_TIMEOUT", "8s")];
        let (config, used) = read(&both);
        assert_eq!((config.unwrap().drain.as_secs(), used.len()), (8, 0));

        let (config, _) = read(&[("CHAT_HEARTBEAT", "soon")]);
        let problem = config.unwrap_err()[0].to_string();
        assert!(problem.starts_with("CHAT_HEARTBEAT_INTERVAL: must be a duration"), "{problem}");
        assert!(problem.ends_with("(it is set by its former name, CHAT_HEARTBEAT)"), "{problem}");
    }

    #[test]
    fn each_new_name_is_a_variable_and_no_former_one_is() {
        let sections = ServerConfig::reference();
        let is_known = |name: &str| {
            sections.iter().flat_map(|section| &section.variables).any(|known| known.name == name)
        };
        for (former, name) in FORMER {
            assert!(is_known(name) && !is_known(former), "{former} {name}");
        }
    }
}
