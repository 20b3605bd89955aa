//! What describes a chart, and what it is drawn from.

use crate::compare::{Comparison, PeerPair};
use crate::error::RenderError;
use crate::load::LoadTrial;
use crate::record::LoopKind;
use crate::stats::{ScenarioSummary, Sweep};
use crate::table::Table;

/// A chart: its texts, and how it is drawn.
pub(crate) struct ChartInfo {
    /// Name, such as `throughput`: part of its file name, unique within its scope.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) caption: &'static str,
    /// The kind of loop that sets what it shows, so that it is no result there and comes last.
    pub(super) set_by: Option<LoopKind>,
    pub(super) draw: Draw,
}

/// How a chart is drawn, by its scope: what it is drawn from, which decides where it appears.
pub(super) enum Draw {
    /// From scenarios that differ only in load: before the sections of the scenarios.
    Sweep(fn(&Sweep) -> Drawn),
    /// From a scenario: in its section.
    Scenario(fn(&ScenarioSummary) -> Drawn),
    /// From a scenario: in the section on queueing theory.
    Theory(fn(&ScenarioSummary) -> Drawn),
    /// From a scenario and comparisons with a baseline, which a reader of the page can choose.
    Ratios(fn(&RatioScope) -> Drawn),
    /// From a scenario and comparisons with peers: in the section on peers.
    Peers(fn(&PeerScope) -> Drawn),
    /// From a trial of load: on its page.
    Load(fn(&LoadTrial) -> Drawn),
}

/// What charts are drawn from.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    Sweep(&'a Sweep<'a, 'a>),
    Scenario(&'a ScenarioSummary<'a>),
    Theory(&'a ScenarioSummary<'a>),
    Ratios(RatioScope<'a>),
    Peers(PeerScope<'a>),
    Load(&'a LoadTrial),
}

/// A scenario with the comparisons of the whole study against one baseline.
#[derive(Clone, Copy)]
pub(crate) struct RatioScope<'a> {
    pub(crate) summary: &'a ScenarioSummary<'a>,
    pub(crate) comparisons: &'a [Comparison<'a>],
    /// Name of the baseline.
    pub(crate) baseline: &'a str,
}

/// A scenario with the comparisons of our strategies with peers in it.
#[derive(Clone, Copy)]
pub(crate) struct PeerScope<'a> {
    pub(crate) summary: &'a ScenarioSummary<'a>,
    pub(crate) pairs: &'a [PeerPair<'a>],
}

/// A drawing and the figures in it.
pub(crate) struct Drawing {
    /// SVG in the colour of the text around it.
    pub(crate) svg: String,
    pub(crate) table: Table,
}

/// A drawing; `None` if the figures of the chart were not measured. An error if a histogram cannot be
/// used.
pub(super) type Drawn = Result<Option<Drawing>, RenderError>;

/// A chart as it was drawn.
pub(crate) struct Chart {
    pub(crate) info: &'static ChartInfo,
    pub(crate) drawing: Drawing,
}

impl ChartInfo {
    /// Draws the chart, if this is its scope and its figures were measured.
    pub(super) fn drawn(&'static self, scope: Scope) -> Result<Option<Chart>, RenderError> {
        let drawing = match (&self.draw, scope) {
            (Draw::Sweep(draw), Scope::Sweep(sweep)) => draw(sweep),
            (Draw::Scenario(draw), Scope::Scenario(summary)) => draw(summary),
            (Draw::Theory(draw), Scope::Theory(summary)) => draw(summary),
            (Draw::Ratios(draw), Scope::Ratios(ratios)) => draw(&ratios),
            (Draw::Peers(draw), Scope::Peers(peers)) => draw(&peers),
            (Draw::Load(draw), Scope::Load(trial)) => draw(trial),
            _ => Ok(None),
        };
        let info = self;
        Ok(drawing?.map(|drawing| Chart { info, drawing }))
    }
}
