//! The program that workers run, if it is the user's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use evenkeel_strategies::{User, WorkerCommand};
use nix::unistd::{Gid, Uid, geteuid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::serial::seconds;
use super::{Setting, SettingError};
use crate::values::{path_of_text, text_of_path};

/// Options of a worker command.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[command(next_help_heading = "Worker command")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerOptions {
    /// Program of your own that each worker runs, such as 'node app.js'. Under single, shared-listener and
    /// reuseport it inherits a listening socket (LISTEN_FDS, as under systemd); under splice, proxy and nat
    /// it listens on PORT. Words and quotes are as in a shell [default: evenkeel's own worker]
    #[arg(long = "worker-command", value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// Further arguments of the command.
    #[arg(skip)]
    pub(crate) args: Vec<String>,
    /// Environment variables for the command.
    #[arg(skip)]
    pub(crate) env: BTreeMap<String, String>,
    /// Environment variable for the worker command, in addition to those of evenkeel; repeatable
    #[arg(hide_short_help = true, long = "worker-env", value_name = "NAME=VALUE")]
    #[serde(skip)]
    pub(crate) variables: Vec<Variable>,
    /// Working folder of the worker command [default: the current one; for a study, that of its file]
    #[arg(hide_short_help = true, long = "worker-cwd", value_name = "DIR")]
    pub(crate) cwd: Option<PathBuf>,
    /// Number of the user that the worker command becomes, which only root may choose [default: that of
    /// --user, or the user of evenkeel]
    #[arg(hide_short_help = true, long = "worker-uid", value_name = "N")]
    pub(crate) uid: Option<u32>,
    /// Number of its group [default: the group of its user]
    #[arg(hide_short_help = true, long = "worker-gid", value_name = "N")]
    pub(crate) gid: Option<u32>,
    /// Whether to keep what the worker command writes, and show the last lines if it fails. With false it
    /// appears on standard error [default: true]
    #[arg(hide_short_help = true, long = "worker-silent", value_name = "BOOL")]
    pub(crate) silent: Option<bool>,
    /// Target that the worker command answers with 2xx when it is ready, such as /healthz [default: it is
    /// ready when it accepts a connection; with an inherited socket, when it answers on /]
    #[arg(long = "worker-health", value_name = "TARGET")]
    pub(crate) health: Option<String>,
    /// How long the worker command may take to become ready [default: 10s]
    #[arg(hide_short_help = true, long = "worker-ready-within", value_name = "DURATION", value_parser = duration::parse_option, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) ready_within: Option<Duration>,
}

/// An environment variable as an option gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    name: String,
    value: String,
}

impl FromStr for Variable {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = parts.ok_or("write NAME=VALUE")?;
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// A worker command as the record stores it. Of its environment the record has what was given for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkerConfig {
    program: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    args: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
    /// Absolute path.
    cwd: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<User>,
    silent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health: Option<String>,
    #[serde(rename = "ready_within_s", with = "seconds")]
    ready_within: Duration,
}

const COMMAND: Setting = Setting {
    option: "--worker-command",
    key: "worker.command",
};

const ENV: Setting = Setting {
    option: "--worker-env",
    key: "worker.env",
};

const CWD: Setting = Setting {
    option: "--worker-cwd",
    key: "worker.cwd",
};

const UID: Setting = Setting {
    option: "--worker-uid",
    key: "worker.uid",
};

const HEALTH: Setting = Setting {
    option: "--worker-health",
    key: "worker.health",
};

impl WorkerOptions {
    /// Returns these options, with those of `other` in the gaps. Arguments and folder belong to a command.
    pub(super) fn or(self, other: Self) -> Self {
        let (command, args, cwd) = match self.command {
            Some(command) => (Some(command), self.args, self.cwd),
            None => (other.command, other.args, self.cwd.or(other.cwd)),
        };
        let mut env = other.env;
        env.extend(self.env);
        Self {
            command,
            args,
            cwd,
            env,
            variables: self.variables,
            uid: self.uid.or(other.uid),
            gid: self.gid.or(other.gid),
            silent: self.silent.or(other.silent),
            health: self.health.or(other.health),
            ready_within: self.ready_within.or(other.ready_within),
        }
    }

    /// Makes the folder of a study's file the one to which paths are relative.
    pub(super) fn relative_to(&mut self, folder: &Path) {
        if self.command.is_some() {
            let cwd = self.cwd.take().unwrap_or_default();
            self.cwd = Some(folder.join(cwd));
        }
    }

    /// Returns the configuration of the command; `None` if workers are evenkeel's own.
    pub(super) fn resolve(&self) -> Result<Option<WorkerConfig>, SettingError> {
        let Some(command) = &self.command else {
            return match *self == Self::default() {
                true => Ok(None),
                false => Err(SettingError::WorkerWithoutCommand),
            };
        };
        let words = shlex::split(command).ok_or_else(|| {
            SettingError::value(COMMAND, command, "a quote is not closed; close it")
        })?;
        let mut words = words.into_iter().chain(self.args.iter().cloned());
        let Some(program) = words.next() else {
            let problem = "it names no program; write one, such as 'node app.js'";
            return Err(SettingError::value(COMMAND, "empty", problem));
        };
        Ok(Some(WorkerConfig {
            program,
            args: words.collect(),
            env: self.environment()?,
            cwd: self.folder()?,
            user: self.user()?,
            silent: self.silent.unwrap_or(true),
            health: self.health_target()?,
            ready_within: self
                .ready_within
                .unwrap_or(WorkerCommand::new("").ready_within),
        }))
    }

    fn environment(&self) -> Result<BTreeMap<String, String>, SettingError> {
        let mut env = self.env.clone();
        let given = self.variables.iter().cloned();
        env.extend(given.map(|Variable { name, value }| (name, value)));
        let is_wrong = |name: &&String| name.is_empty() || name.contains(['=', '\0']);
        if let Some(name) = env.keys().find(is_wrong) {
            return Err(SettingError::value(
                ENV,
                name,
                "it is no name of a variable",
            ));
        }
        match env.keys().find(|name| WorkerCommand::sets(name)) {
            None => Ok(env),
            Some(name) => Err(SettingError::value(
                ENV,
                name,
                "evenkeel sets this variable, since each worker has a socket or port of its own; leave it out",
            )),
        }
    }

    fn folder(&self) -> Result<String, SettingError> {
        let given = self
            .cwd
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty());
        let folder = given.unwrap_or(Path::new("."));
        let found = absolute(folder).and_then(|path| path.metadata().map(|it| (path, it.is_dir())));
        match found {
            Ok((path, true)) => Ok(text_of_path(&path)),
            Ok((path, false)) => Err(SettingError::value(CWD, path.display(), "it is no folder")),
            Err(error) => Err(SettingError::value(CWD, folder.display(), error)),
        }
    }

    fn health_target(&self) -> Result<Option<String>, SettingError> {
        let wrong =
            |target: &&String| !target.starts_with('/') || target.contains(char::is_whitespace);
        match self.health.as_ref().filter(wrong) {
            None => Ok(self.health.clone()),
            Some(target) => Err(SettingError::value(
                HEALTH,
                target,
                "write a target such as /healthz",
            )),
        }
    }

    fn user(&self) -> Result<Option<User>, SettingError> {
        if self.uid.or(self.gid).is_none() {
            return Ok(None);
        }
        let uid = self.uid.map_or(geteuid(), Uid::from_raw);
        if !geteuid().is_root() {
            let problem = "only root can change the user of a process; leave it out";
            return Err(SettingError::value(UID, uid, problem));
        }
        let known = nix::unistd::User::from_uid(uid).ok().flatten();
        let gid = self.gid.map(Gid::from_raw);
        let gid = gid.or(known.as_ref().map(|user| user.gid)).ok_or_else(|| {
            let problem = "this host has no such user, so its group is unknown; add `--worker-gid`";
            SettingError::value(UID, uid, problem)
        })?;
        Ok(Some(User {
            name: known.map_or_else(|| uid.to_string(), |user| user.name),
            uid: uid.as_raw(),
            gid: gid.as_raw(),
        }))
    }
}

impl WorkerConfig {
    /// Returns the command for the fleet.
    pub(super) fn command(&self) -> WorkerCommand {
        WorkerCommand {
            program: self.program.clone(),
            args: self.args.clone(),
            env: self.env.clone(),
            cwd: Some(path_of_text(&self.cwd)),
            user: self.user.clone(),
            shows_output: !self.silent,
            health: self.health.clone(),
            ready_within: self.ready_within,
        }
    }
}
