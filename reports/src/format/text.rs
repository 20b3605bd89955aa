//! Tables and sentences for a terminal.

mod layout;

use super::{FormatInfo, Paint, Style};
use crate::document::{Document, Note, Part};
use crate::table::{Table, Tone};
use crate::units;
use layout::Layout;

/// Tables for a terminal.
pub static TEXT: FormatInfo = FormatInfo {
    name: "text",
    file_name: "report.txt",
    summary: "Tables for a terminal",
    paint: Paint::Report(|report, style| Ok(paint(&report.document(style), style))),
};

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

const INDENT: &str = "  ";

/// Most lines of an answer: what a screen shows.
const SCREEN: usize = 40;

/// The answer and the outcome come last, where a terminal shows them.
fn paint(document: &Document, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        last: Last::Nothing,
        style,
        is_answer: false,
        keeps: u8::MAX,
    };
    if style.details || document.answer.is_empty() {
        document.parts.iter().for_each(|part| page.part(part, ""));
    }
    page.answer(&document.answer);
    if let Some(outcome) = &document.outcome {
        page.space(Last::Section);
        let sentences = outcome.reasons.iter().chain([&outcome.headline]);
        sentences.for_each(|sentence| page.paragraph("", sentence));
    }
    page.out
}

struct Page<'a> {
    out: String,
    last: Last,
    style: Style<'a>,
    /// Whether the answer is written, which is as short as possible.
    is_answer: bool,
    /// What gives way before this is left out.
    keeps: u8,
}

/// What was written last, on which the space before the next part depends.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Heading,
    Sentences,
    Table,
    Section,
}

impl Page<'_> {
    fn part(&mut self, part: &Part, indent: &str) {
        match part {
            Part::Section(heading, parts) => {
                self.space(Last::Section);
                self.line(&self.paint(BOLD, &clean(heading)));
                self.last = Last::Heading;
                parts.iter().for_each(|part| self.part(part, INDENT));
                self.last = Last::Section;
            }
            Part::Paragraph(text) => self.sentence(indent, "", text),
            Part::Notes(notes) => {
                let (color, keeps) = (self.style.color, self.keeps);
                let stays = |note: &&Note| note.gives_way <= keeps;
                let left_out = notes
                    .iter()
                    .filter(|note| !stays(note) && !note.label.is_empty());
                let left_out = left_out.count();
                let notes: Vec<_> = notes.iter().filter(stays).collect();
                for note in notes.iter().filter(|note| color || !note.on_highlights) {
                    self.sentence(indent, note.label, &note.text);
                }
                if left_out > 0 {
                    let more = units::plural(left_out, "more sentence");
                    self.sentence(indent, "", &format!("{more} with --details."));
                }
            }
            Part::Table(table) => self.table(table),
        }
    }

    /// The answer, whose tables always fit and which, without details, fits a screen.
    fn answer(&mut self, parts: &[Part]) {
        self.is_answer = true;
        let room = self.style.table_width.unwrap_or(self.style.width);
        self.style.table_width = Some(room);
        let (start, last) = (self.out.len(), self.last);
        for keeps in (0..=u8::MAX).rev() {
            (self.keeps, self.last) = (keeps, last);
            self.out.truncate(start);
            parts.iter().for_each(|part| self.part(part, ""));
            if self.style.details || self.out[start..].lines().count() <= SCREEN {
                break;
            }
        }
    }

    /// An empty line where one belongs before a part.
    fn space(&mut self, next: Last) {
        let is_joined = match self.last {
            Last::Nothing | Last::Heading => true,
            last => last == Last::Sentences && next == Last::Sentences,
        };
        if !is_joined {
            self.out.push('\n');
        }
        self.last = next;
    }

    fn sentence(&mut self, indent: &str, label: &str, text: &str) {
        self.space(Last::Sentences);
        let colon = if label.is_empty() { "" } else { ": " };
        self.paragraph(&format!("{indent}{label}{colon}"), text);
    }

    fn table(&mut self, table: &Table) {
        self.space(Last::Table);
        if !table.title.is_empty() {
            self.line(&self.paint(DIM, &clean(&table.title)));
        }
        let table = &table.shortened(self.keeps);
        let layout = Layout::of(table, self.style.table_width);
        if table.has_head() {
            self.head(&layout);
        }
        for row in &layout.rows {
            let cells = row.iter().map(|(text, tone)| (text.as_str(), *tone));
            self.line(&layout.line(cells, |text, tone| match tone {
                Tone::Plain => text.to_owned(),
                Tone::Best | Tone::Better | Tone::Worse => self.paint(BOLD, text),
            }));
        }
        let left_out = layout.left_out(self.is_answer);
        if !left_out.is_empty() {
            let columns = left_out.join(", ");
            let text = format!("Left out for lack of room: {columns}.");
            self.sentence(INDENT, "", &text);
        }
    }

    fn head(&mut self, layout: &Layout) {
        if let Some(groups) = layout.group_line() {
            self.line(&self.paint(DIM, &groups));
        }
        let names = layout.columns.iter().map(|c| (&*c.name, Tone::Plain));
        self.line(&layout.line(names, |name, _| name.to_owned()));
        self.line(&self.paint(DIM, &"─".repeat(layout.width())));
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Wraps a sentence; its further lines are indented as far as its first one.
    fn paragraph(&mut self, label: &str, text: &str) {
        let indent = label.chars().count().min(self.style.width / 2);
        let mut line = label.to_owned();
        let mut words = 0;
        for word in clean(text).split_whitespace() {
            let width = line.chars().count() + 1 + word.chars().count();
            if words > 0 && width > self.style.width {
                self.line(&line);
                line = " ".repeat(indent);
                words = 0;
            }
            if words > 0 {
                line.push(' ');
            }
            line.push_str(word);
            words += 1;
        }
        self.line(&line);
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.style.color {
            true => format!("{code}{text}{RESET}"),
            false => text.to_owned(),
        }
    }
}

/// Replaces control characters, so that a text from a server cannot move the cursor.
pub(crate) fn clean(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}
