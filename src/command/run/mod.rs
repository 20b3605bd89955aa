//! `evenkeel run`: plan a study, run it, report.

mod ending;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use evenkeel_reports::{Extension, Header, RESULTS_FILE, Recorder, SCHEMA_VERSION, Study, Trial};
use evenkeel_strategies::{Host, system_call_tracepoint};

use super::strict;
use super::{acquire_privileges, own_executable, raise_open_files};
use crate::cli::RunArgs;
use crate::config::StudyFile;
use crate::failure::Failure;
use crate::machine::{Awake, Machine};
use crate::plan::{self, Plan};
use crate::study::{self, Bench, StudyEnd, folder};
use crate::terminal::{Interrupt, Progress, message, print_fitting};
use crate::values::Whole;
use crate::{doctor, executable};
use evenkeel_common::command_line;
use evenkeel_common::duration::show_wait;

/// A study that is ready to start or to resume, and where it is recorded.
struct Ready {
    study: Study,
    folder: PathBuf,
    recorder: Recorder,
}

pub(crate) fn run(args: &RunArgs, quiet: bool) -> Result<(), Failure> {
    raise_open_files();
    let machine = Machine::probe();
    let (plan, done, extension) = match &args.resume {
        Some(folder) => recorded_plan(folder, args, &machine)?,
        None => (new_plan(args, &machine)?, Vec::new(), None),
    };
    if args.strict {
        strict::refuse_nothing(&plan.config.expectations)?;
    }
    if args.dry_run {
        return print_fitting(&dry_run(&plan, &done));
    }
    acquire_privileges(
        plan.contestants
            .iter()
            .map(|contestant| contestant.strategy),
    );
    let interrupt = Interrupt::catch()?;
    let ready = match &args.resume {
        Some(folder) => reopen(folder, extension)?,
        None => begin(&plan, args, quiet)?,
    };
    carry_out(&plan, ready, interrupt, args, quiet)
}

fn new_plan(args: &RunArgs, machine: &Machine) -> Result<Plan, Failure> {
    if let Some(folder) = &args.output {
        folder::check(folder).map_err(Failure::usage)?;
    }
    let resolve = |settings| plan::resolve(settings, args.quick, machine);
    let settings = args.settings.clone();
    let Some(path) = &args.study else {
        return resolve(settings).map_err(Failure::usage);
    };
    let mut file = StudyFile::read(path).map_err(Failure::usage)?;
    if args.quick {
        file.settings = file.settings.without_effort();
    }
    resolve(settings.or(file.settings.clone())).map_err(|error| {
        // What is wrong without the options, too, is wrong in the file.
        let alone = resolve(file.settings).err().map(|alone| alone.to_string());
        match error.place(&file.origin) {
            Some(place) if alone.is_some_and(|alone| alone == error.to_string()) => {
                Failure::Usage(format!("{place}{error}"))
            }
            _ => Failure::usage(error),
        }
    })
}

/// The plan of a study, extended as requested, with what was measured so far.
fn recorded_plan(
    folder: &Path,
    args: &RunArgs,
    machine: &Machine,
) -> Result<(Plan, Vec<Trial>, Option<Extension>), Failure> {
    let study = Study::read(folder).map_err(Failure::usage)?;
    let mut record = study.header.plan;
    let plan = Plan::from_record(&record, machine).map_err(Failure::usage)?;
    let settings = &args.settings;
    let blocks = settings.blocks.map(Whole::u32);
    let extension = plan.extension(blocks, &settings.scenarios);
    let Some(extension) = extension.map_err(Failure::usage)? else {
        return Ok((plan, study.trials, None));
    };
    record.extend(extension.clone());
    let plan = Plan::from_record(&record, machine).map_err(Failure::usage)?;
    Ok((plan, study.trials, Some(extension)))
}

fn dry_run(plan: &Plan, done: &[Trial]) -> String {
    if done.is_empty() {
        return plan.to_string();
    }
    let left = study::left_to_do(plan, done);
    format!(
        "{plan}left:        {left} trials, about {}\n",
        show_wait(plan.time_for(left))
    )
}

fn begin(plan: &Plan, args: &RunArgs, quiet: bool) -> Result<Ready, Failure> {
    for build in &plan.builds {
        build.try_out().map_err(Failure::usage)?;
    }
    let header = header(plan, quiet)?;
    let folder = folder::prepare(args.output.as_deref()).map_err(Failure::usage)?;
    let recorder =
        Recorder::create(&folder.join(RESULTS_FILE), &header).map_err(Failure::failed)?;
    let study = Study {
        header,
        trials: Vec::new(),
        warnings: Vec::new(),
    };
    Ok(Ready {
        study,
        folder,
        recorder,
    })
}

fn reopen(folder: &Path, extension: Option<Extension>) -> Result<Ready, Failure> {
    let (mut recorder, mut study) = Recorder::resume(folder).map_err(Failure::failed)?;
    if let Some(extension) = extension {
        recorder
            .extend(&mut study, extension)
            .map_err(Failure::failed)?;
    }
    let changes = changes(&study.header, &own_sha256()?);
    for warning in study.warnings.iter().chain(&changes) {
        message(&format!("warning: {warning}"));
    }
    Ok(Ready {
        study,
        folder: folder.to_owned(),
        recorder,
    })
}

/// Returns what has changed since the study began, one sentence each.
fn changes(then: &Header, sha256: &str) -> Vec<String> {
    let mut changes = doctor::host::changes(&then.host, &doctor::host::record(&[]));
    let (before, now) = (then.evenkeel.as_str(), env!("CARGO_PKG_VERSION"));
    if before != now {
        changes.push(format!("evenkeel was {before} and is {now}"));
    } else if then.sha256.as_ref().is_some_and(|then| then != sha256) {
        changes.push(format!("evenkeel {now} was rebuilt"));
    }
    let sentence = |change| {
        format!("{change} since this study began: trials from now on may not be comparable")
    };
    changes.into_iter().map(sentence).collect()
}

fn header(plan: &Plan, quiet: bool) -> Result<Header, Failure> {
    let host = doctor::host::record(&doctor::examine());
    if !quiet {
        for warning in &host.warnings {
            message(&format!("warning: {warning}"));
        }
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Header {
        schema: SCHEMA_VERSION,
        evenkeel: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: Some(own_sha256()?),
        started_unix_s: now.as_secs(),
        command: command_line::shown(),
        plan: plan.record(),
        host,
    })
}

fn own_sha256() -> Result<String, Failure> {
    executable::own_sha256().map_err(|error| {
        Failure::Failed(format!(
            "the executable of this program cannot be read ({error})"
        ))
    })
}

/// Keeps the CPUs of the plan awake, if requested.
fn awake(plan: &Plan) -> Result<Option<Awake>, Failure> {
    if !plan.config.keep_awake {
        return Ok(None);
    }
    let cpus = plan
        .config
        .fleet
        .server_cpus
        .union(&plan.config.load.load_cpus);
    Awake::keep(&cpus).map(Some).map_err(|error| {
        Failure::Failed(format!(
            "the CPUs {cpus} cannot be kept awake ({error}); leave out `--keep-awake`"
        ))
    })
}

fn carry_out(
    plan: &Plan,
    mut ready: Ready,
    interrupt: Interrupt,
    args: &RunArgs,
    quiet: bool,
) -> Result<(), Failure> {
    let Ready {
        study,
        folder,
        recorder,
    } = &mut ready;
    let left = study::left_to_do(plan, &study.trials);
    if !quiet && !args.quick {
        for warning in plan.warnings() {
            message(&format!("warning: {warning}"));
        }
    }
    if !quiet {
        message(&plan.announcement(left));
    }
    let bench = Bench {
        executable: own_executable()?,
        host: Host::probe(),
        tracepoint: system_call_tracepoint().ok(),
        interrupt,
    };
    let _until_the_end = awake(plan)?;
    let mut progress = Progress::new(left, quiet);
    let ran = study::run(plan, study, &bench, recorder, &mut progress);
    progress.finish();
    // What was measured is shown, whatever ended the study.
    let reported = ending::report(folder, args.format, args.details, quiet);
    let end = ran.map_err(Failure::failed)?;
    reported?;
    if !quiet && end != StudyEnd::Interrupted {
        let again = ending::made_again(study).map_or_else(String::new, |text| format!("; {text}"));
        message(&format!("The study has ended: {end}{again}."));
    }
    ending::verdict(folder, plan, &end, args.strict)
}
