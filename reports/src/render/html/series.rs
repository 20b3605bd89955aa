//! The buttons that show and hide strategies everywhere.

use super::facts::{looks, swatch};
use crate::escape::escape;
use crate::palette::{self, Look};
use crate::study::Study;

/// With more strategies the buttons are folded away, family by family.
const FEW: usize = 12;

/// A strategy's key and its look.
type Shown<'a> = (&'a str, Look);

pub(super) fn buttons(study: &Study) -> String {
    let keys = study.header.plan.strategies.iter().map(|s| s.key.as_str());
    let shown: Vec<Shown> = keys.zip(looks(study)).collect();
    if shown.len() <= FEW {
        let buttons: String = shown.iter().map(|one| button(*one)).collect();
        return format!(
            "<div class=\"series\" role=\"group\" aria-label=\"strategies shown\">\n<span>show</span>\n\
             {buttons}{}</div>\n",
            whole("all")
        );
    }
    let groups = shown.chunk_by(|a, b| palette::family(a.0) == palette::family(b.0));
    let groups: String = groups.map(group).collect();
    format!(
        "<details class=\"series\">\n<summary>Strategies shown: <output>{count}</output> of {count}\
         </summary>\n<p>{}{}</p>\n{groups}</details>\n",
        whole("all"),
        whole("none"),
        count = shown.len(),
    )
}

/// The strategies of a family, and a button for all of them.
fn group(family: &[Shown]) -> String {
    let name = escape(palette::family(family[0].0));
    let buttons: String = family.iter().map(|one| button(*one)).collect();
    format!(
        "<div role=\"group\" aria-label=\"{name}\">\n\
         <button type=\"button\" class=\"mechanism\">{name}</button>\n{buttons}</div>\n"
    )
}

fn button((key, look): Shown) -> String {
    let position = look.position;
    format!(
        "<button type=\"button\" data-series=\"{position}\" aria-pressed=\"true\">{}{}</button>\n",
        swatch(look),
        escape(key)
    )
}

/// A button for all strategies.
fn whole(what: &str) -> String {
    format!("<button type=\"button\" class=\"{what}\">{what}</button>\n")
}
