//! The report as one page that needs nothing else, for printing and for mail.

use super::{Report, text};

pub(super) fn render(report: &Report) -> String {
    page(&format!("<h1>Sticksmith report</h1>\n{}", body(report)))
}

/// One page for several reports, each below its title.
pub(super) fn render_several(reports: &[(String, &Report)]) -> String {
    let section = |(title, report): &(String, &Report)| {
        format!("<section><h2>{}</h2>\n{}</section>\n", escape(title), body(report))
    };
    page(&format!("<h1>Sticksmith report</h1>\n{}", reports.iter().map(section).collect::<String>()))
}

fn body(report: &Report) -> String {
    let rows: String = text::rows(report)
        .iter()
        .map(|(name, value)| {
            format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), escape(value))
        })
        .collect();
    format!("<p><strong>{}</strong></p>\n<table>\n{rows}</table>\n", escape(&report.conclusion))
}

fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sticksmith report</title>\n\
         <style>body{{font:16px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}}\n\
         th{{text-align:left;vertical-align:top;padding-right:2em;font-weight:600;white-space:nowrap}}\n\
         td{{overflow-wrap:anywhere}}</style></head>\n\
         <body>{body}</body></html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
