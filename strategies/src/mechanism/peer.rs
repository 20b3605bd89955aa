//! Other systems, under the same load as our own strategies.
//!
//! What there is to know of one is data, a [recipe](recipe::Recipe), so that one is added without
//! touching Rust.

pub mod ask;
mod check;
mod configuration;
mod error;
mod launch;
pub mod needs;
mod parity;
mod process_tree;
mod read;
mod readiness;
pub mod recipe;
mod running;
mod source;
pub mod supervisor;
mod template;
mod variables;

use std::path::Path;
use std::sync::OnceLock;

use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::profile::Profile;
use crate::strategy::Strategy;

pub use error::PeerError;
pub use read::RecipeError;
pub use running::RunningPeer;
pub use template::TemplateError;

use needs::{Found, Missing};
use recipe::Recipe;
use source::Source;

/// The mechanism of all peers, as keys name it.
pub const MECHANISM: &str = "peer";

/// Another system, or a variant of it.
#[derive(Debug)]
pub struct Peer {
    key: String,
    recipe: Recipe,
    source: Source,
    /// What it needs, in words.
    needs: String,
    /// What was found of it, looked for once: a check comes before every trial.
    found: OnceLock<Result<Found, Missing>>,
}

impl Peer {
    fn new(key: String, recipe: Recipe, source: Source) -> Self {
        let needs: Vec<String> = recipe.needs.iter().map(needs::Need::in_words).collect();
        Self {
            key,
            recipe,
            source,
            needs: needs.join(", "),
            found: OnceLock::new(),
        }
    }

    /// Every peer that is built in, each with its variants, or why its recipe cannot be used. A test
    /// excludes the latter.
    pub(crate) fn built_in() -> Vec<Result<Vec<Self>, RecipeError>> {
        read::built_in()
    }

    /// The key of the peer of a recipe on disk. It is called as the file is, or as its folder if
    /// the file is called `recipe.toml`.
    ///
    /// # Errors
    /// [`RecipeError::Name`] if that cannot be a part of a key.
    pub fn key_of(path: &Path) -> Result<String, RecipeError> {
        read::key_of(path)
    }

    /// The peer of a recipe on disk, and its variants.
    ///
    /// # Errors
    /// [`RecipeError`] with file and line.
    pub fn from_file(path: &Path) -> Result<Vec<Self>, RecipeError> {
        read::from_file(path)
    }

    /// What there is to know of it, with what its variant says instead.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Whether it is a variant of another one, of the same recipe.
    pub fn is_variant(&self) -> bool {
        self.key.matches(':').count() > 1
    }

    /// Looks for what all of these need, at the same time: programs take theirs to tell their
    /// versions. Later looks are answered at once.
    pub fn look_for_all<'a>(peers: impl Iterator<Item = &'a Self>) {
        std::thread::scope(|scope| {
            for peer in peers {
                scope.spawn(|| peer.found().is_ok());
            }
        });
    }

    /// What this host has of what it needs.
    ///
    /// # Errors
    /// [`Missing`] for what is not there or of another version, with what to do.
    pub fn found(&self) -> Result<&Found, &Missing> {
        let found = self.found.get_or_init(|| needs::find(&self.recipe.needs));
        found.as_ref()
    }
}

impl Strategy for Peer {
    fn key(&self) -> &str {
        &self.key
    }

    fn summary(&self) -> String {
        self.recipe.summary.clone()
    }

    fn peer(&self) -> Option<&Peer> {
        Some(self)
    }

    fn counterparts(&self) -> &[String] {
        &self.recipe.counterparts
    }

    fn serves(&self, target: &str) -> bool {
        self.recipe.serves(target)
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            layer: self.recipe.layer,
            chooser: &self.recipe.chooser,
            sticky: self.recipe.sticky.as_deref(),
            needs: Some(self.needs.as_str()).filter(|needs| !needs.is_empty()),
            known_from: "itself: this is the system",
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        self.found()?;
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let found = self.found();
        let found = found.map_err(|missing| PeerError::Missing(missing.clone()))?;
        launch::launch(&self.recipe, &self.source, found, spec)
    }
}
