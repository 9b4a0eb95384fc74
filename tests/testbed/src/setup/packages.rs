//! Packages of the system.

use std::{io::IsTerminal as _, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use super::tool;
use crate::{Invocation, program, progress};

/// Something that a package brings.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Any of these, in `PATH` or at this place, says that it is there.
    any_of: &'static [&'static str],
    /// What brings it on Debian and its relatives.
    package: &'static str,
}

impl Need {
    /// The package.
    #[must_use]
    pub fn package(&self) -> &'static str {
        self.package
    }
}

/// The `-core` packages are the bare programs: they bring no service that would start.
/// The database server.
pub const DATABASE: Need = Need { any_of: &["mariadbd", "mysqld"], package: "mariadb-server-core" };
/// Its command-line client, which tests and the set-up ask it with.
pub const DATABASE_CLIENT: Need =
    Need { any_of: &["mariadb", "mysql"], package: "mariadb-client-core" };
/// Redis, or Valkey.
pub const REDIS: Need =
    Need { any_of: &["redis-server", "valkey-server"], package: "redis-server" };
/// The balancer in front of several servers.
pub const NGINX: Need = Need { any_of: &["nginx"], package: "nginx-light" };

/// Python's stock client, with what it polls and upgrades by.
pub const PYTHON: [Need; 3] = [
    Need {
        any_of: &["/usr/lib/python3/dist-packages/socketio/__init__.py"],
        package: "python3-socketio",
    },
    Need {
        any_of: &["/usr/lib/python3/dist-packages/requests/__init__.py"],
        package: "python3-requests",
    },
    Need {
        any_of: &["/usr/lib/python3/dist-packages/websocket/__init__.py"],
        package: "python3-websocket",
    },
];

/// It brings `promtool` too. Nothing starts it: see below.
pub const PROMETHEUS: Need = Need { any_of: &["prometheus"], package: "prometheus" };

/// Argo CD's health checks are written in it.
pub const LUA: Need = Need { any_of: &["lua5.4"], package: "lua5.4" };

/// The browser of the ring `browser`.
pub const BROWSER: Need = Need { any_of: &["chromium"], package: "chromium" };
/// Letters for it: else Japanese would be boxes of the wrong width.
pub const JAPANESE: Need = Need {
    any_of: &["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"],
    package: "fonts-noto-cjk",
};

/// Keys and certificates of clusters and tests.
pub const OPENSSL: Need = Need { any_of: &["openssl"], package: "openssl" };
/// The authorities that images bring along.
pub const CERTIFICATES: Need =
    Need { any_of: &["/etc/ssl/certs/ca-certificates.crt"], package: "ca-certificates" };
/// Unpacks packages into a folder, for images.
pub const MMDEBSTRAP: Need = Need { any_of: &["mmdebstrap"], package: "mmdebstrap" };
/// What a Kubernetes with nodes needs of the system.
pub const NODE: [Need; 4] = [
    OPENSSL,
    Need { any_of: &["runc"], package: "runc" },
    Need { any_of: &["iptables"], package: "iptables" },
    Need { any_of: &["ip"], package: "iproute2" },
];

/// Services of packages must not start: they would take ports, and data of the user's own.
const INSTALL: &str = r#"
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update -q || echo 'going on with the lists that are there'
apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "$@"
"#;

/// Installs what is missing.
pub fn install(invocation: &Invocation, needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|need| !is_there(need)).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = format!("apt-get install --no-install-recommends {list}");
    if program::find("apt-get").is_none() {
        bail!("please install what Debian calls {list}, then start again; there is no apt-get");
    }
    let mut command = as_root(&by_hand)?;
    command.args(["sh", "-c", INSTALL, "install"]).args(&missing);
    let log = invocation.checkout.data("packages.log");
    progress::step(
        "packages",
        || {
            tool::quietly(invocation, &mut command, &log)
                .with_context(|| format!("could not install {list}; repair it with: {by_hand}"))
        },
        |()| list.clone(),
    )?;
    match needs.iter().find(|need| !is_there(need)) {
        None => Ok(()),
        Some(need) => bail!(
            "the package {} is installed and {} is not there; repair it with: apt-get install \
             --reinstall {}",
            need.package,
            need.any_of[0],
            need.package
        ),
    }
}

/// `env` as root, for who is root or may become it.
fn as_root(by_hand: &str) -> Result<Command> {
    if nix::unistd::geteuid().is_root() {
        return Ok(Command::new("env"));
    }
    if program::find("sudo").is_none() {
        bail!("packages are missing and only root can install them; as root run: {by_hand}");
    }
    let mut sudo = Command::new("sudo");
    if !std::io::stdin().is_terminal() {
        // Nobody could type a password.
        sudo.arg("--non-interactive");
    }
    sudo.arg("env");
    Ok(sudo)
}

fn is_there(need: &Need) -> bool {
    need.any_of.iter().any(|name| {
        if name.starts_with('/') { Path::new(name).exists() } else { program::find(name).is_some() }
    })
}

/// Where the browser is.
pub fn chromium() -> Result<String> {
    Ok(program::first_of(BROWSER.any_of)?.display().to_string())
}
