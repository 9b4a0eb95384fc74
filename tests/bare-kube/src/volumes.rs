//! Volumes: folders of the machine, which all nodes see. They are made beforehand, because nothing
//! here would make one when it is asked for.

use std::{
    fmt::Write as _,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// A released volume is not reused, so there are more than needed.
const COUNT: u8 = 60;

const CLASS: &str = r#"
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: { storageclass.kubernetes.io/is-default-class: "true" }
provisioner: kubernetes.io/no-provisioner
"#;

/// Creates the folders, and the manifest of their volumes.
pub(super) fn make(dir: &Path) -> Result<PathBuf> {
    let mut objects = CLASS.to_owned();
    for number in 1..=COUNT {
        let folder = dir.join(format!("volumes/{number}"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // Any user of any pod; the kubelet gives folders of the machine to nobody.
        fs::set_permissions(&folder, Permissions::from_mode(0o777))?;
        write!(
            objects,
            "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{ name: volume-{number} }}\n\
             spec:\n  capacity: {{ storage: 100Gi }}\n  storageClassName: standard\n  \
             accessModes: [ReadWriteOnce, ReadWriteMany]\n  hostPath: {{ path: {} }}\n",
            folder.display()
        )?;
    }
    let file = dir.join("volumes.yaml");
    fs::write(&file, objects).context("cannot write the list of volumes")?;
    Ok(file)
}
