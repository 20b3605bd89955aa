//! The page of a study.

use minijinja::{Value, context};

use super::judged::Judged;
use super::{advice, figures, part, render, scenario, table, value};
use crate::answer;
use crate::chart::{PeerScope, Scope};
use crate::compare::peer_pairs;
use crate::document::{Note, Part};
use crate::error::RenderError;
use crate::format::Style;
use crate::palette;
use crate::stats::{self, ScenarioSummary, System};
use crate::study::Study;
use crate::table::Series;
use crate::topic::{
    about, answer as in_words, costs, expectations, glance, sentences, summary, systems, theory,
    trials,
};
use crate::units::plural;

/// With more strategies the buttons are folded away, family by family.
const FEW: usize = 12;

/// Returns the page of a study; see [`Style`] for what of it applies.
pub(crate) fn of_study(study: &Study, style: Style<'_>) -> Result<String, RenderError> {
    let summaries = stats::summarize(study);
    let judged = Judged::of(study, style.baseline);
    let sweeps = stats::sweeps(&summaries);
    let scenarios = summaries.iter().map(|summary| {
        let is_of_sweep = sweeps.iter().any(|sweep| sweep.has(&summary.scenario.name));
        scenario::of(study, summary, &judged, is_of_sweep)
    });
    let scenarios = scenarios.collect::<Result<Vec<Value>, _>>()?;
    let sweeps = sweeps.iter().map(|sweep| {
        let charts = figures(Scope::Sweep(sweep))?;
        Ok::<_, RenderError>(context! { name => sweep.name, charts })
    });
    let strategies = strategies(study);
    let all = plural(study.trials.len(), "trial");
    let baseline_note = match judged.some_left_out {
        true => "any other: evenkeel report FOLDER --format html --baseline KEY",
        false => "",
    };
    let values = context! {
        title => "evenkeel report",
        glance => glance(study),
        answer => of_answer(study, &summaries, style.folder),
        expectations => of_expectations(study),
        scenarios,
        sweeps => sweeps.collect::<Result<Vec<_>, _>>()?,
        baseline_note,
        legend => value(legend(&summaries)),
        peers => of_peers(study, &summaries)?,
        theory => of_theory(&summaries)?,
        families => families(&strategies),
        strategies,
        about => value(about(study)),
        warnings => warnings(study),
        trials => context! {
            valid => trials::valid(study),
            all,
            table => table(&trials::table(study), "Trials"),
        },
    };
    render("study.html", values)
}

/// The answer: its matrices, how to read them, and the advice by kind.
fn of_answer(study: &Study, summaries: &[ScenarioSummary], folder: &str) -> Value {
    let found = answer::answer(study, summaries, folder);
    let matrices = in_words::matrices(&found, summaries);
    let matrices: Vec<Value> = matrices.map(|one| table(&one, "Answer")).collect();
    context! {
        size => in_words::size(&study.header.plan),
        method => value(in_words::method(study)),
        advice => advice(&found.advice),
        matrices,
        legend => in_words::legend(&found, summaries),
    }
}

/// What was expected of the study; `None` if nothing was.
fn of_expectations(study: &Study) -> Option<Value> {
    let parts = expectations::in_full(study);
    let parts = parts.iter().map(|one| match one {
        Part::Table(of) => context! { table => table(of, expectations::TITLE) },
        _ => part(one),
    });
    let parts: Vec<Value> = parts.collect();
    (!parts.is_empty()).then(|| context! { title => expectations::TITLE, parts })
}

/// How to read the tables of all scenarios, each sentence once.
fn legend(summaries: &[ScenarioSummary]) -> Vec<Note> {
    let mut legend: Vec<Note> = Vec::new();
    let of_each = summaries.iter().flat_map(|summary| {
        let table = summary::table(summary, &|_, _| None);
        summary::legend(&table, summary)
    });
    for note in of_each.chain([Note::plain(MARKS), Note::plain(costs::LEGEND)]) {
        if !legend.contains(&note) {
            legend.push(note);
        }
    }
    legend
}

/// How to read the marks in tables of figures.
const MARKS: &str =
    "▲ shown to be better, ▼ shown to be worse than the leader; no mark: no difference shown.";

/// What was found out about the record and the host when the study began.
fn warnings(study: &Study) -> Vec<String> {
    let missing = sentences::missing(study).into_iter();
    let missing = missing.map(|text| format!("incomplete: {text}"));
    let others = study.warnings.iter().chain(&study.header.host.warnings);
    missing.chain(others.cloned()).collect()
}

/// Our strategies next to the peers that they stand for; `None` if the study has no such peer.
fn of_peers(study: &Study, summaries: &[ScenarioSummary]) -> Result<Option<Value>, RenderError> {
    let compared = systems::compared(study);
    let tables = systems::tables(summaries, &compared).into_iter();
    let tables = tables.map(|one| table(&one, &format!("Systems under {}", one.title)));
    let tables: Vec<Value> = tables.collect();
    if tables.is_empty() {
        return Ok(None);
    }
    let mut charts = Vec::new();
    for summary in summaries {
        let pairs = &peer_pairs(summary, &compared);
        charts.extend(figures(Scope::Peers(PeerScope { summary, pairs }))?);
    }
    Ok(Some(context! {
        title => systems::TITLE,
        legend => systems::legend(&compared, summaries),
        tables,
        charts,
    }))
}

/// Waits compared with queueing theory; `None` if no waits are known.
fn of_theory(summaries: &[ScenarioSummary]) -> Result<Option<Value>, RenderError> {
    let scenarios = summaries.iter().filter_map(|summary| {
        let waits = theory::table(summary)?;
        let label = format!("Waits of {} compared with theory", waits.title);
        let charts = figures(Scope::Theory(summary));
        Some(charts.map(|charts| context! { table => table(&waits, &label), charts }))
    });
    let scenarios = scenarios.collect::<Result<Vec<Value>, _>>()?;
    Ok((!scenarios.is_empty()).then(|| {
        context! {
            title => theory::TITLE,
            verdict => theory::verdict(summaries),
            scenarios,
            legend => value(theory::LEGEND.map(Note::plain)),
        }
    }))
}

/// The strategies with their colours, and of peers how they were configured.
fn strategies(study: &Study) -> Vec<Value> {
    let peers = stats::systems(study);
    let strategies = || study.header.plan.strategies.iter();
    let styles = palette::of_strategies(&study.header.plan.strategies);
    let values = strategies().zip(styles).map(|(strategy, style)| {
        let peer = peers.iter().find(|peer| peer.strategy == strategy.key);
        context! {
            key => strategy.key.as_str(),
            family => strategy.family(),
            summary => strategy.summary.as_str(),
            series => value(Series::from(style)),
            peer => peer.map(configured),
        }
    });
    values.collect()
}

fn configured(peer: &System) -> Value {
    context! {
        versions => systems::listed(&peer.versions),
        differs => value(&peer.differs),
        configuration => value(&peer.configuration),
    }
}

/// The strategies by family, if they are many.
fn families(strategies: &[Value]) -> Vec<Value> {
    let name = |strategy: &Value| strategy.get_attr("family").unwrap_or_default();
    let families = strategies.chunk_by(|a, b| name(a) == name(b));
    let families =
        families.map(|family| context! { name => name(&family[0]), strategies => family });
    families.filter(|_| strategies.len() > FEW).collect()
}
