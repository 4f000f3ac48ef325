//! The pieces that the form is set from: a label at the left, what is answered at the right, and below it what is wrong.

use eframe::egui::accesskit::{Invalid, Live, Role};
use eframe::egui::{
    self, Align, Align2, CollapsingHeader, ComboBox, Label, Layout, Response, TextEdit, Ui, vec2,
};

use crate::answer::Violation;
use crate::gui::action::{Action, AnswerAction, AnswerPick, AnswerSwitch, AnswerText, Field};
use crate::gui::state::{Answering, Form};
use crate::gui::view::parts;
use crate::gui::{text, theme};

/// What a section is drawn with.
pub struct Pen<'a> {
    pub answer: &'a Answering,
    pub actions: &'a mut Vec<Action>,
}

impl<'a> Pen<'a> {
    pub fn form(&self) -> &'a Form {
        &self.answer.form
    }

    pub fn act(&mut self, action: AnswerAction) {
        self.actions.push(Action::Answer(action));
    }

    pub fn pick(&mut self, pick: AnswerPick) {
        self.act(AnswerAction::Pick(pick));
    }

    pub fn put(&mut self, text: AnswerText, value: impl Into<String>) {
        self.actions.push(Action::Edit(Field::Answer(text), value.into()));
    }

    fn complaint(&self, text: AnswerText) -> Option<&'a Violation> {
        let path = self.answer.form.path(text)?;
        self.answer.checked.at(&path)
    }

    /// A labelled field.
    pub fn field(&mut self, ui: &mut Ui, text: AnswerText) -> Response {
        let label = text::answer_label(text);
        self.named_field(ui, text, label, label)
    }

    /// The same where several have the same label: `spoken` tells them apart.
    pub fn named_field(&mut self, ui: &mut Ui, text: AnswerText, label: &str, spoken: &str) -> Response {
        row(ui, label, |ui| {
            let response = self.edit(ui, text, spoken);
            self.complain(ui, text);
            response
        })
    }

    /// The field alone, as wide as there is room.
    pub fn edit(&mut self, ui: &mut Ui, text: AnswerText, spoken: &str) -> Response {
        let now = match text {
            AnswerText::NewStep => &self.answer.new_step,
            _ => self.answer.form.text(text),
        };
        let mut value = now.to_owned();
        let is_secret = is_secret(text);
        let wrong = self.complaint(text).map(text::complaint);
        let ink = theme::palette(ui).danger;
        let response = ui
            .scope(|ui| {
                if wrong.is_some() {
                    ui.visuals_mut().widgets.inactive.bg_stroke.color = ink;
                }
                let edit = TextEdit::singleline(&mut value)
                    .id_salt(text)
                    .hint_text(text::answer_hint(text))
                    .password(is_secret && !self.answer.shows_secrets)
                    .align(Align2::LEFT_CENTER)
                    .desired_width(f32::INFINITY);
                ui.add(edit).accessible_name(spoken)
            })
            .inner;
        if let Some(wrong) = wrong {
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_invalid(Invalid::True);
                node.set_description(wrong);
            });
        }
        if response.changed() {
            self.put(text, value);
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        if entered {
            self.actions.push(Action::Commit(Field::Answer(text)));
        }
        response
    }

    /// What is wrong with it, below it.
    pub fn complain(&self, ui: &mut Ui, text: AnswerText) {
        if let Some(violation) = self.complaint(text) {
            wrong(ui, &text::complaint(violation));
        }
    }

    pub fn complain_at(&self, ui: &mut Ui, path: &str) {
        if let Some(violation) = self.answer.checked.at(path) {
            wrong(ui, &text::complaint(violation));
        }
    }

    pub fn switch(&mut self, ui: &mut Ui, switch: AnswerSwitch) {
        let on = self.answer.form.is_on(switch);
        if let Some(on) = parts::check_box(ui, on, text::answer_switch(switch)) {
            self.act(AnswerAction::Set(switch, on));
        }
        if let Some(path) = self.answer.form.switch_path(switch) {
            self.complain_at(ui, &path);
        }
    }

    /// One of several in a list that opens.
    pub fn choose<T: Copy + PartialEq>(
        &mut self,
        ui: &mut Ui,
        label: &str,
        now: T,
        choices: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let words: Vec<String> = choices.iter().map(|choice| word(*choice).to_owned()).collect();
        let at = row(ui, label, |ui| combo(ui, label, word(now), &words));
        at.map(|at| choices[at]).filter(|choice| *choice != now)
    }

    /// A text that is taken from a list: value and what is shown of it. Empty is the first one, which is not answered.
    pub fn choose_text(&mut self, ui: &mut Ui, text: AnswerText, list: &[(String, String)], none: &str) {
        let now = self.answer.form.text(text);
        let label = text::answer_label(text);
        let mut values = vec![String::new()];
        let mut words = vec![none.to_owned()];
        for (value, word) in list {
            values.push(value.clone());
            words.push(word.clone());
        }
        // What a profile says stays in sight, even where the media have it not.
        if !values.iter().any(|value| value == now) {
            values.push(now.to_owned());
            words.push(now.to_owned());
        }
        let shown = values.iter().position(|value| value == now).unwrap_or(0);
        row(ui, label, |ui| {
            if let Some(at) = combo(ui, label, &words[shown], &words)
                && at != shown
            {
                self.put(text, values[at].as_str());
            }
            self.complain(ui, text);
        });
    }
}

fn is_secret(text: AnswerText) -> bool {
    use crate::gui::action::UserText;
    matches!(
        text,
        AnswerText::ProductKey | AnswerText::AdministratorPassword | AnswerText::User(_, UserText::Password)
    )
}

/// A label at the left, in a column that all of them share.
pub fn row<R>(ui: &mut Ui, label: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        let ink = theme::palette(ui).weak;
        ui.allocate_ui_with_layout(
            // Without a label: a note to the field above.
            vec2(theme::FORM_LABELS, if label.is_empty() { 0.0 } else { theme::BUTTON_HEIGHT }),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(theme::FORM_LABELS);
                if !label.is_empty() {
                    ui.add(Label::new(egui::RichText::new(label).color(ink)).wrap().selectable(false));
                }
            },
        );
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            contents(ui)
        })
        .inner
    })
    .inner
}

/// A list that opens; the place of what was chosen in it.
fn combo(ui: &mut Ui, label: &str, shown: &str, words: &[String]) -> Option<usize> {
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(label)
        .selected_text(shown)
        .width(ui.available_width())
        .height(320.0)
        .truncate()
        .show_ui(ui, |ui| {
            ui.spacing_mut().interact_size.y = theme::ROW_HEIGHT;
            for (at, word) in words.iter().enumerate() {
                if ui.selectable_label(word == shown, word).clicked() {
                    chosen = Some(at);
                }
            }
        });
    ui.ctx().accesskit_node_builder(combo.response.id, |node| {
        node.set_label(label);
        node.set_value(shown);
    });
    chosen
}

pub fn wrong(ui: &mut Ui, words: &str) {
    let ink = theme::palette(ui).danger;
    let response = ui.add(Label::new(theme::small(words).color(ink)).wrap());
    parts::announce(ui, &response, Role::Status, Live::Polite, words);
}

/// What few people need, folded away unless something in it is answered or wrong.
pub fn folded(ui: &mut Ui, name: &str, is_needed: bool, contents: impl FnOnce(&mut Ui)) {
    let header = CollapsingHeader::new(name).id_salt(name).default_open(is_needed);
    header.show_unindented(ui, contents);
}
