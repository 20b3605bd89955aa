//! Peers: other systems that run under the same load as our own strategies.
//!
//! A peer is described by data, a [recipe](recipe::Recipe), so a new one needs no Rust.

pub mod ask;
mod change;
mod check;
mod configuration;
mod error;
mod launch;
mod parity;
mod read;
mod readiness;
pub mod recipe;
pub mod requirements;
mod roster;
mod running;
mod source;
pub mod supervisor;
mod template;
mod variables;
mod watcher;

use std::sync::OnceLock;

use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::profile::{CommandContract, Profile, WorkerKind};
use crate::strategy::Strategy;

pub use error::{PeerError, RecipeError};
pub use parity::differences;
pub use template::TemplateError;

use recipe::{PeerKind, Recipe};
use requirements::{Installed, Missing, Requirement};
use source::Source;

/// The mechanism in the keys of all peers.
pub const MECHANISM: &str = "peer";

/// Returns the key of a peer, or of a variant.
fn key(name: &str, variant: Option<&str>) -> String {
    match variant {
        Some(variant) => format!("{MECHANISM}:{name}:{variant}"),
        None => format!("{MECHANISM}:{name}"),
    }
}

/// A peer, or a variant of one.
#[derive(Debug)]
pub struct Peer {
    key: String,
    /// Name of its recipe.
    name: String,
    is_variant: bool,
    recipe: Recipe,
    source: Source,
    /// Description of its requirements.
    needs: String,
    /// What is installed. It is searched once, since a check precedes every trial.
    installed: OnceLock<Result<Installed, Missing>>,
}

impl Peer {
    fn new(name: &str, variant: Option<&str>, recipe: Recipe, source: Source) -> Self {
        let needs: Vec<String> = recipe.needs.iter().map(Requirement::describe).collect();
        Self {
            key: key(name, variant),
            name: name.to_owned(),
            is_variant: variant.is_some(),
            recipe,
            source,
            needs: needs.join(", "),
            installed: OnceLock::new(),
        }
    }

    /// Returns the recipe, with the values of the variant if this is one.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Whether this is a variant of another peer with the same recipe.
    pub fn is_variant(&self) -> bool {
        self.is_variant
    }

    /// Returns what this host has of the requirements.
    ///
    /// # Errors
    /// [`Missing`] for the first unmet requirement.
    pub fn installed(&self) -> Result<&Installed, &Missing> {
        let find = || requirements::find(&self.recipe.needs);
        self.installed.get_or_init(find).as_ref()
    }
}

impl Strategy for Peer {
    fn key(&self) -> &str {
        &self.key
    }

    fn profile(&self) -> Profile<'_> {
        let recipe = &self.recipe;
        Profile {
            summary: &recipe.summary,
            mechanism: MECHANISM,
            layer: recipe.layer,
            chooser: &recipe.chooser,
            sticky: recipe.sticky.as_deref(),
            needs: Some(self.needs.as_str()).filter(|needs| !needs.is_empty()),
            known_from: "this system itself",
            workers: match recipe.kind {
                PeerKind::Balancer => WorkerKind::Processes,
                PeerKind::Server => WorkerKind::Foreign,
            },
            closes_connections: recipe.closes_connections,
            may_leave_workers_out: recipe.may_leave_workers_out,
            is_peer: true,
            software: Some(recipe.software.as_deref().unwrap_or(&self.name)),
            counterparts: &recipe.counterparts,
            targets: recipe.targets(),
            command: match recipe.kind {
                PeerKind::Balancer => CommandContract::ListensOnPort,
                PeerKind::Server => CommandContract::None("it has an application of its own"),
            },
            ..Profile::OURS
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        self.installed()?;
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let installed = self.installed();
        let installed = installed.map_err(|missing| PeerError::Missing(missing.clone()))?;
        launch::launch(&self.recipe, &self.source, installed, spec)
    }
}
