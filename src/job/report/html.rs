//! The report as one page that needs nothing else, for printing and for mail.

use super::{Report, text};

pub(super) fn render(report: &Report) -> String {
    page(&section(&report.conclusion, &text::rows(report)))
}

pub(super) fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sticksmith report</title>\n\
         <style>body{{font:16px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}}\n\
         th{{text-align:left;vertical-align:top;padding-right:2em;font-weight:600;white-space:nowrap}}\n\
         td{{overflow-wrap:anywhere}}</style></head>\n\
         <body><h1>Sticksmith report</h1>\n{body}</body></html>\n"
    )
}

pub(super) fn heading(words: &str) -> String {
    format!("<h2>{}</h2>\n", escape(words))
}

pub(super) fn section(conclusion: &str, rows: &[(String, String)]) -> String {
    let rows: String = rows
        .iter()
        .map(|(name, value)| {
            format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), escape(value))
        })
        .collect();
    format!("<p><strong>{}</strong></p>\n<table>\n{rows}</table>\n", escape(conclusion))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
