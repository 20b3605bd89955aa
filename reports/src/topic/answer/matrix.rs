//! Strategies × scenarios: what each scenario is about, and where each strategy stands.

use super::space;
use crate::answer::{Answer, Place, ScenarioAnswer, Standing, short};
use crate::record::LoopKind;
use crate::stats::{Figures, ScenarioSummary, Spread, StrategySummary};
use crate::table::{Cell, Column, Row, Table, Tone};
use crate::topic::summary::latency_cell;
use crate::units::{self, plural};

/// Scenarios side by side in one table: as many as have room in 80 columns.
const SIDE_BY_SIDE: usize = 3;

/// Returns tables with a row per strategy, the best on average first.
pub(crate) fn tables<'t>(
    answer: &'t Answer,
    summaries: &'t [ScenarioSummary],
) -> impl Iterator<Item = Table> + use<'t> {
    let scenarios: Vec<_> = answer.scenarios.iter().zip(summaries).collect();
    let several: Vec<Vec<_>> = scenarios.chunks(SIDE_BY_SIDE).map(<[_]>::to_vec).collect();
    several.into_iter().map(|some| table(answer, &some))
}

type Scenario<'t, 'a> = (&'t ScenarioAnswer<'a>, &'t ScenarioSummary<'a>);

fn table(answer: &Answer, scenarios: &[Scenario]) -> Table {
    let columns = scenarios.iter().flat_map(|(_, summary)| {
        let columns = columns(summary.scenario.loop_kind).into_iter();
        let name = summary.scenario.name.clone();
        columns.map(move |column| column.under_name(name.clone()))
    });
    let order = order(answer, scenarios).into_iter();
    let rows = order.filter_map(|key| Some((key, row(key, scenarios)?)));
    let answers: Vec<_> = scenarios.iter().map(|(answer, _)| *answer).collect();
    let table = Table {
        title: String::new(),
        columns: [Column::words("strategy")]
            .into_iter()
            .chain(columns)
            .collect(),
        rows: space::rows(rows.collect(), &answers),
    };
    table.without_absent_columns()
}

/// The order of the rows: of one scenario its own, group by group.
fn order<'a>(answer: &Answer<'a>, scenarios: &[Scenario<'_, 'a>]) -> Vec<&'a str> {
    match scenarios {
        [(only, _)] if answer.scenarios.len() == 1 => {
            let ranked = only.places().map(|place| place.strategy);
            let too_few = only.too_few.iter().map(|few| few.strategy);
            let unranked = only.unranked.iter().copied();
            ranked.chain(too_few).chain(unranked).collect()
        }
        _ => answer.order.clone(),
    }
}

/// In a closed loop throughput and what it costs, in an open loop latency.
fn columns(loop_kind: LoopKind) -> Vec<Column> {
    match loop_kind {
        LoopKind::Closed => vec![
            Column::number("req/s").gives_way(1),
            Column::interval("±").gives_way(4),
            Column::number("CPU").gives_way(3),
            Column::words(""),
        ],
        LoopKind::Open => vec![
            Column::number("p50").gives_way(3),
            Column::number("p99").gives_way(1),
            Column::interval("±").gives_way(4),
            Column::bar().gives_way(2),
            Column::words(""),
        ],
    }
}

fn row(key: &str, scenarios: &[Scenario]) -> Option<Row> {
    let of = |summary: &ScenarioSummary| summary.strategies.iter().position(|s| s.strategy == key);
    let (_, first) = scenarios.first()?;
    let style = first.strategies[of(first)?].style;
    let cells = scenarios.iter().flat_map(|(answer, summary)| {
        let strategy = of(summary).map(|position| &summary.strategies[position]);
        strategy.map_or(Vec::new(), |strategy| cells(answer, summary, strategy))
    });
    Some(Row {
        series: Some(style.into()),
        cells: [Cell::text(key)].into_iter().chain(cells).collect(),
        ..Row::default()
    })
}

fn cells(
    answer: &ScenarioAnswer,
    summary: &ScenarioSummary,
    strategy: &StrategySummary,
) -> Vec<Cell> {
    let figures = strategy.figures.as_ref();
    let number = |figure: fn(&Figures) -> Option<Spread>, show: fn(f64) -> String| {
        Cell::spread(figures.and_then(figure), show)
    };
    let half_width = |figure: fn(&Figures) -> Option<Spread>, show: fn(f64) -> String| {
        Cell::half_width(figures.and_then(figure), show)
    };
    let latency = |quantile: f64| figures.map_or_else(Cell::absent, |f| latency_cell(f, quantile));
    let standing = standing(answer, strategy);
    match summary.scenario.loop_kind {
        LoopKind::Closed => vec![
            number(|f| f.throughput_rps, units::count),
            half_width(|f| f.throughput_rps, units::count),
            number(|f| f.total_cpu_us_per_request, units::count),
            standing,
        ],
        LoopKind::Open => vec![
            latency(0.5),
            latency(0.99),
            half_width(|f| f.latency_p99_us, units::duration),
            Cell::bar(share_of_longest(summary, strategy)),
            standing,
        ],
    }
}

/// The p99 of a strategy as a share of the longest of all.
fn share_of_longest(summary: &ScenarioSummary, strategy: &StrategySummary) -> Option<f64> {
    let p99 = |one: &StrategySummary| Some(one.figures.as_ref()?.latency_p99_us?.mean);
    let longest = summary
        .strategies
        .iter()
        .filter_map(p99)
        .max_by(f64::total_cmp)?;
    Some(p99(strategy)? / longest)
}

/// `① best`, `① tied`, `② 3.5×`, or why a strategy is not ranked.
fn standing(answer: &ScenarioAnswer, strategy: &StrategySummary) -> Cell {
    let groups = answer.groups.iter().zip(1..);
    let mut found = groups.filter_map(|(group, number)| {
        let place = group
            .iter()
            .find(|place| place.strategy == strategy.strategy)?;
        Some((place, number))
    });
    let disturbed = if strategy.is_disturbed() { "*" } else { "" };
    match found.next() {
        Some((place, number)) => {
            // The number of the only group would say nothing.
            let group = match answer.groups.len() {
                1 => String::new(),
                _ => format!("{} ", circled(number)),
            };
            Cell::text(group + &mark(place) + disturbed).toned(tone(place.standing))
        }
        None => Cell::text(match answer.few(strategy.strategy) {
            Some(few) => plural(few.blocks, "block") + disturbed,
            None => format!("{}{disturbed}", strategy.why_not_ranked()),
        }),
    }
}

fn mark(place: &Place) -> String {
    let by = || place.behind.as_ref().map_or(String::new(), short);
    match place.standing {
        Standing::Best => "best".to_owned(),
        Standing::Tied => "tied".to_owned(),
        Standing::Behind => format!("{}?", by()),
        Standing::Worse => by(),
        Standing::Open => "unclear".to_owned(),
    }
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Best => Tone::Best,
        Standing::Tied | Standing::Behind | Standing::Open => Tone::Plain,
        Standing::Worse => Tone::Worse,
    }
}

/// A number in a circle, as far as Unicode has them.
fn circled(number: u32) -> String {
    const FIRST: u32 = '①' as u32;
    const LAST: u32 = '⑳' as u32;
    match char::from_u32(FIRST + number - 1).filter(|c| (*c as u32) <= LAST) {
        Some(circled) => circled.to_string(),
        None => format!("({number})"),
    }
}
