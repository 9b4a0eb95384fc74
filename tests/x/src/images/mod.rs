//! `cargo x image`: the images of the product, and of the stores that tests run it with.
//!
//! Invariant: an image is made anew when what it is made from has changed, and only then.

mod stores;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use x::{
    cluster::node::PAUSE,
    image::{Dockerfile, Settings, oci, root, sbom},
    stack::program,
};

use crate::{
    World,
    progress::{self, say},
    setup::{build, packages, page},
};

/// What `cargo x image` can be told.
#[derive(Debug, Args)]
pub(crate) struct ImageArgs {
    /// Only this image; all of them if left out.
    name: Option<String>,
    /// With optimisations.
    #[arg(long)]
    release: bool,
}

/// How an image is made.
#[derive(Debug, Clone, Copy)]
enum Recipe {
    /// From the last stage of the Dockerfile in this folder: a program of the workspace, perhaps
    /// with a page.
    Program(&'static str),
    /// From packages of Debian.
    Store(&'static stores::Store),
    /// From a C program of one file: the image's name.
    Small(&'static str),
}

/// A server that does not come up, for tests.
const BROKEN: &str = "broken";

const IMAGES: [(&str, Recipe); 7] = [
    ("chat-server", Recipe::Program("chat-server")),
    ("chat-operator", Recipe::Program("operator")),
    ("mysql", Recipe::Store(&stores::MYSQL)),
    ("redis", Recipe::Store(&stores::REDIS)),
    ("prometheus", Recipe::Store(&stores::PROMETHEUS)),
    // The first process of every pod.
    ("pause", Recipe::Small(PAUSE)),
    (BROKEN, Recipe::Small("chat-platform/broken:1")),
];

/// Makes images and says where they are.
pub(crate) fn image(world: &World, args: &ImageArgs) -> Result<()> {
    let wanted = |name: &str| args.name.as_deref().is_none_or(|only| only == name);
    let names: Vec<&str> = IMAGES.iter().map(|(name, _)| *name).filter(|n| wanted(n)).collect();
    if names.is_empty() {
        bail!("no image has this name; there are {}", IMAGES.map(|(name, _)| name).join(", "));
    }
    for file in make(world, &names, args.release)? {
        say(&file.display().to_string());
    }
    Ok(())
}

/// Makes all images that a cluster has from its beginning.
pub(crate) fn of_cluster(world: &World, release: bool) -> Result<Vec<PathBuf>> {
    make(
        world,
        &IMAGES
            .map(|(name, _)| name)
            .into_iter()
            .filter(|name| *name != BROKEN)
            .collect::<Vec<_>>(),
        release,
    )
}

/// Makes all images, also those that only tests want.
pub(crate) fn all(world: &World, release: bool) -> Result<Vec<PathBuf>> {
    make(world, &IMAGES.map(|(name, _)| name), release)
}

fn make(world: &World, names: &[&str], release: bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (name, recipe) in IMAGES.iter().filter(|(name, _)| names.contains(name)) {
        files.push(match recipe {
            Recipe::Program(folder) => of_program(world, name, folder, release)?,
            Recipe::Store(store) => stores::make(world, store)?,
            Recipe::Small(image) => of_c(world, name, image)?,
        });
    }
    Ok(files)
}

/// The image of a program that the workspace builds, as its Dockerfile says.
fn of_program(world: &World, name: &str, folder: &str, release: bool) -> Result<PathBuf> {
    packages::install(world, &[packages::CERTIFICATES])?;
    let text = fs::read_to_string(world.checkout.path(&format!("{folder}/Dockerfile")))?;
    let file = Dockerfile::parse(&text).with_context(|| format!("{folder}/Dockerfile"))?;
    let program = build::binary(world, name, release)?;
    if file.copies.iter().any(|copy| copy.stage == "page") {
        page::build(world)?;
    }
    let to = place(world, name)?;
    let image = tag(name);
    progress::step(
        "image",
        || {
            let dir = fresh(&to.with_extension("root"))?;
            root::base(&dir)?;
            for copy in &file.copies {
                match copy.stage.as_str() {
                    "program" if copy.from.ends_with(sbom::ENDING) => {
                        root::add_text(&dir, &list(world, name)?, &copy.to)?;
                    }
                    "program" => root::add_program(&dir, &program, &copy.to)?,
                    "page" => {
                        let page = world.checkout.path("frontend/dist");
                        root::add_folder(&dir, &page, &copy.to)?;
                    }
                    stage => bail!("{folder}/Dockerfile copies from an unknown stage `{stage}`"),
                }
            }
            let settings = file.settings_with(&[("REVISION", &revision(world))])?;
            oci::write(&dir, &settings, &[format!("docker.io/library/{image}")], &to)?;
            Ok(fs::remove_dir_all(&dir)?)
        },
        |()| image.clone(),
    )?;
    Ok(to)
}

/// What is linked into a program, and in the page that its image has.
pub(crate) fn list(world: &World, name: &str) -> Result<String> {
    let found = IMAGES.iter().find(|(known, _)| *known == name);
    let Some((_, Recipe::Program(folder))) = found else {
        bail!("{name} is no program of ours; there are chat-server and chat-operator");
    };
    let text = fs::read_to_string(world.checkout.path(&format!("{folder}/Dockerfile")))?;
    let has_page = Dockerfile::parse(&text)?.copies.iter().any(|copy| copy.stage == "page");
    sbom::of(&world.checkout, name, has_page)
}

/// The commit that is built, and whether it was built as it is.
fn revision(world: &World) -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]);
    let said = program::output(git.current_dir(&world.checkout.root));
    // Sources without their history, or without git.
    said.map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
}

/// What charts and samples call the image of a program.
pub(crate) fn tag(name: &str) -> String {
    format!("{name}:{}", env!("CARGO_PKG_VERSION"))
}

fn of_c(world: &World, name: &str, image: &str) -> Result<PathBuf> {
    let to = place(world, name)?;
    let source = world.checkout.path(&format!("tests/kubernetes/{name}/{name}.c"));
    if !is_newer(&to, &source) {
        let dir = fresh(&to.with_extension("root"))?;
        let mut cc = Command::new("cc");
        cc.args(["-Os", "-static", "-s", "-Wall", "-Werror", "-o"]).arg(dir.join(name));
        program::output(cc.arg(source)).with_context(|| format!("{name} does not build"))?;
        let settings = Settings {
            user: root::USER.to_owned(),
            entry: vec![format!("/{name}")],
            ..Settings::default()
        };
        oci::write(&dir, &settings, &[format!("docker.io/{image}")], &to)?;
        fs::remove_dir_all(&dir)?;
    }
    Ok(to)
}

fn place(world: &World, name: &str) -> Result<PathBuf> {
    let dir = world.checkout.data("images");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.join(format!("{name}.tar")))
}

fn fresh(dir: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.to_owned())
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    changed(file).is_some_and(|file| changed(than).is_some_and(|than| file > than))
}
