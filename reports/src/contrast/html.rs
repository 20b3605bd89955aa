//! One page that needs nothing beside itself, in the manner of the report's.

use super::table::{COLUMNS, LEGEND, WORDS, cells};
use super::{Contrast, Row};
use crate::chart;
use crate::compare::{Comparison, Verdict};
use crate::escape::escape;
use crate::render::html::{METHOD, about, figure, page};
use crate::stats::summarize;
use crate::study::Study;
use crate::units::plural;

impl Contrast<'_> {
    /// The page: the verdict first, then charts and tables, then what was compared. `a` and `b` are
    /// the studies of the two sides, which may be one.
    pub fn html(&self, a: &Study, b: &Study) -> String {
        let comparisons: Vec<_> = self.rows.iter().map(|row| row.comparison.clone()).collect();
        let summaries = summarize(b);
        let scenarios: Vec<&[Row]> = self
            .rows
            .chunk_by(|a, b| a.comparison.scenario == b.comparison.scenario)
            .collect();
        let sections = scenarios.iter().enumerate().map(|(index, rows)| {
            let name = rows[0].comparison.scenario;
            let summary = summaries.iter().find(|s| s.scenario.name == name);
            let chart = summary.and_then(|summary| chart::ratios(summary, &comparisons, "A"));
            let chart = chart.as_ref().map(figure).unwrap_or_default();
            format!(
                "<section id=\"scenario-{index}\">\n<h2>{}</h2>\n{chart}{}</section>\n",
                escape(name),
                table(rows)
            )
        });
        let body = format!(
            "<header>\n<h1>evenkeel comparison</h1>\n<dl>\n<dt>A</dt><dd>{}</dd>\n<dt>B</dt><dd>{}\
             </dd>\n</dl>\n{}</header>\n<main>\n{}{}{}{METHOD}</main>\n",
            escape(&self.baseline),
            escape(&self.candidate),
            self.beware(),
            verdict(&scenarios),
            sections.collect::<String>(),
            compared(a, b),
        );
        page("evenkeel comparison", &body)
    }

    /// What must be known before any figure is read.
    fn beware(&self) -> String {
        let gaps = self.gaps.iter().map(ToString::to_string);
        let told = gaps.chain(self.remarks.iter().cloned());
        told.map(|text| format!("<p class=\"warning\">{}</p>\n", escape(&text)))
            .collect()
    }
}

/// What came out, scenario by scenario.
fn verdict(scenarios: &[&[Row]]) -> String {
    let cards = scenarios.iter().enumerate().map(|(index, rows)| {
        let name = escape(rows[0].comparison.scenario);
        let of = |verdict| rows.iter().filter(move |r| r.comparison.verdict == verdict);
        let shown = [(Verdict::Worse, "beware"), (Verdict::Better, "better")];
        let shown = shown.into_iter().flat_map(|(verdict, class)| {
            let word = verdict.label();
            of(verdict).map(move |row| {
                let change = escape(&row.change());
                format!("<li><b class=\"{class}\">{word}:</b> {change}</li>\n")
            })
        });
        let unshown = of(Verdict::NoDifferenceShown).count();
        let all = plural(rows.len(), "comparison");
        format!(
            "<article class=\"verdict\">\n<h3><a href=\"#scenario-{index}\">{name}</a></h3>\n<ul>\n{}\
             <li>no difference shown in {unshown} of {all}</li>\n</ul>\n</article>\n",
            shown.collect::<String>()
        )
    });
    let cards = match scenarios {
        [] => "<p>Nothing can be compared.</p>\n".to_owned(),
        _ => cards.collect(),
    };
    format!(
        "<section id=\"verdict\">\n<h2>Verdict</h2>\n<div class=\"verdicts\">\n{cards}</div>\n</section>\n"
    )
}

fn table(rows: &[Row]) -> String {
    let head = COLUMNS.iter().enumerate().map(|(column, name)| {
        let class = if is_words(column) {
            " class=\"text\""
        } else {
            ""
        };
        format!("<th scope=\"col\"{class}>{name}</th>")
    });
    let body: String = rows.iter().map(table_row).collect();
    let legend = LEGEND.map(|text| format!("<li class=\"quiet\">{}</li>\n", escape(text)));
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Comparisons under {}\">\n\
         <table class=\"sorts\">\n<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n\
         </div>\n<ul class=\"remarks\">\n{}</ul>\n",
        escape(rows[0].comparison.scenario),
        head.collect::<String>(),
        legend.concat()
    )
}

fn table_row(row: &Row) -> String {
    let values = values(row);
    let class = match row.comparison.verdict {
        Verdict::Better => " better",
        Verdict::Worse => " worse",
        Verdict::NoDifferenceShown => "",
    };
    let cells = cells(row).into_iter().zip(values).enumerate();
    let cells: String = cells
        .map(|(column, (text, value))| {
            let text = escape(&text);
            let value = value.map_or(String::new(), |v| format!(" data-value=\"{v}\""));
            match column {
                0 => format!("<th scope=\"row\">{text}</th>"),
                last if last == COLUMNS.len() - 1 => {
                    format!("<td class=\"text{class}\">{text}</td>")
                }
                column if is_words(column) => format!("<td class=\"text\">{text}</td>"),
                _ => format!("<td{value}>{text}</td>"),
            }
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}

/// Whether a column holds words, and not numbers.
fn is_words(column: usize) -> bool {
    !(WORDS.0..COLUMNS.len() - WORDS.1).contains(&column)
}

/// The figures behind the cells, by which the table sorts.
fn values(row: &Row) -> [Option<f64>; COLUMNS.len()] {
    let Comparison {
        ratio, p, blocks, ..
    } = row.comparison;
    let (a, b) = (row.baseline_figure, row.candidate_figure);
    [
        None,
        None,
        a.map(|spread| spread.median),
        a.and_then(|spread| spread.relative_half_width()),
        b.map(|spread| spread.median),
        b.and_then(|spread| spread.relative_half_width()),
        ratio.map(|ratio| ratio.estimate),
        ratio.map(|ratio| ratio.half_width()),
        p,
        Some(blocks as f64),
        None,
    ]
}

/// The studies of the two sides, where and how they were run.
fn compared(a: &Study, b: &Study) -> String {
    let sides = match std::ptr::eq(a, b) {
        true => format!("<h3>A and B</h3>\n{}", about(a)),
        false => format!("<h3>A</h3>\n{}<h3>B</h3>\n{}", about(a), about(b)),
    };
    format!("<section id=\"run\">\n<h2>What was compared</h2>\n{sides}</section>\n")
}
