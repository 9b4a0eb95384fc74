//! Which programs there are, and where they come from.

use anyhow::{Context as _, Result};

/// Programs that are built together.
#[derive(Debug)]
pub struct Toolchain {
    /// Its folder begins with it.
    pub name: &'static str,
    /// Name of the program and its package.
    pub(super) programs: &'static [(&'static str, &'static str)],
    pub(super) source: Source,
    /// How long it takes on two processors when nothing is there.
    pub(super) takes: &'static str,
}

/// Where packages come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// The module of ours: one choice of dependencies, compiled once for all.
    Module,
    /// Their own module in this version: its dependencies do not go with the others'.
    Published(&'static str),
}

/// What an API needs.
pub const CONTROL_PLANE: Toolchain = Toolchain {
    name: "control-plane",
    programs: &[
        ("etcd", "./etcd"),
        ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
        ("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
        ("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
        ("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    ],
    source: Source::Module,
    takes: "about four minutes",
};

/// What makes an API believe in nodes and pods that are not there.
pub const KWOK: Toolchain = Toolchain {
    name: "kwok",
    programs: &[("kwok", "sigs.k8s.io/kwok/cmd/kwok")],
    source: Source::Module,
    takes: "half a minute",
};

/// What a node needs besides containers.
const NODE: Toolchain = Toolchain {
    name: "node",
    programs: &[
        ("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
        ("kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy"),
        ("coredns", "./coredns"),
    ],
    source: Source::Module,
    takes: "about a minute",
};

/// What runs containers; `runc` is a package of the system.
const CONTAINERD: Toolchain = Toolchain {
    name: "containerd",
    programs: &[
        ("containerd", "github.com/containerd/containerd/v2/cmd/containerd"),
        (
            "containerd-shim-runc-v2",
            "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
        ),
        ("ctr", "github.com/containerd/containerd/v2/cmd/ctr"),
    ],
    source: Source::Published("v2.4.2"),
    takes: "a minute",
};

/// What connects pods.
const CNI: Toolchain = Toolchain {
    name: "cni",
    programs: &[
        ("ptp", "github.com/containernetworking/plugins/plugins/main/ptp"),
        ("host-local", "github.com/containernetworking/plugins/plugins/ipam/host-local"),
        ("loopback", "github.com/containernetworking/plugins/plugins/main/loopback"),
        ("portmap", "github.com/containernetworking/plugins/plugins/meta/portmap"),
    ],
    source: Source::Published("v1.9.1"),
    takes: "some seconds",
};

/// What installs charts, in the generation that most people have.
pub const HELM: Toolchain = Toolchain {
    name: "helm",
    programs: &[("helm", "helm.sh/helm/v3/cmd/helm")],
    source: Source::Module,
    takes: "half a minute",
};

/// The next generation of it.
pub const HELM_4: Toolchain = Toolchain {
    name: "helm4",
    programs: &[("helm4", "helm.sh/helm/v4/cmd/helm")],
    source: Source::Published("v4.3.1"),
    takes: "two minutes",
};

/// What checks manifests against the schemas of Kubernetes.
const KUBECONFORM: Toolchain = Toolchain {
    name: "kubeconform",
    programs: &[("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform")],
    source: Source::Published("v0.8.0"),
    takes: "some seconds",
};

/// What a whole Kubernetes needs.
pub const WHOLE: [&Toolchain; 5] = [&CONTROL_PLANE, &NODE, &CONTAINERD, &CNI, &HELM];

/// What renders charts and checks what comes of them.
pub const RENDER: [&Toolchain; 3] = [&HELM, &HELM_4, &KUBECONFORM];

/// All of them.
pub const ALL: [&Toolchain; 8] =
    [&CONTROL_PLANE, &KWOK, &NODE, &CONTAINERD, &CNI, &HELM, &HELM_4, &KUBECONFORM];

/// Small programs that know their version: else clients would see `v0.0.0`.
pub(super) fn linker_flags(go_mod: &str) -> Result<String> {
    let version = |module: &str| {
        go_mod
            .lines()
            .find_map(|line| line.trim().strip_prefix(module)?.strip_prefix(' '))
            .with_context(|| format!("go.mod does not name {module}"))
    };
    let kubernetes = version("k8s.io/kubernetes")?;
    let helm = version("helm.sh/helm/v3")?;
    let mut numbers = kubernetes.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let about = "-X k8s.io/component-base/version";
    Ok(format!(
        "-s -w {about}.gitVersion={kubernetes} {about}.gitMajor={major} {about}.gitMinor={minor} \
         -X helm.sh/helm/v3/internal/version.version={helm}"
    ))
}
