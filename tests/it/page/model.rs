//! What the fake page shows, rendered in the real page's shape.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) const PAGE_ID: &str = "tymt9n04zgry";
pub(crate) const CLAUDE_AI: &str = "rwppv331jlwc";
pub(crate) const CONSOLE: &str = "0qbwn08sd68x";
pub(crate) const API: &str = "k8w3r06qmzrp";
pub(crate) const CLAUDE_CODE: &str = "yyzkbfz2thpt";
pub(crate) const COWORK: &str = "bpp5gb3hpjcl";
pub(crate) const GOVERNMENT: &str = "0scnb50nvy53";

/// The page's content. Change it through [`super::FakePage::set`].
#[derive(Debug, Clone)]
pub(crate) struct PageModel {
    pub(crate) id: String,
    pub(crate) components: Vec<Component>,
    /// Newest first. `summary.json` shows the unresolved ones, `incidents.json` all of them.
    pub(crate) incidents: Vec<Incident>,
    pub(crate) maintenances: Vec<Maintenance>,
}

#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) updated_at: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) phase: String,
    pub(crate) impact: String,
    pub(crate) created_at: String,
    pub(crate) started_at: String,
    pub(crate) updated_at: String,
    pub(crate) components: Vec<String>,
    /// Newest first.
    pub(crate) updates: Vec<Update>,
}

/// Announced work, with its plan.
#[derive(Debug, Clone)]
pub(crate) struct Maintenance {
    pub(crate) work: Incident,
    pub(crate) scheduled_for: String,
    pub(crate) scheduled_until: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) id: String,
    pub(crate) phase: String,
    pub(crate) body: String,
    pub(crate) at: String,
    /// Component, old status, new status.
    pub(crate) changes: Vec<(String, String, String)>,
}

impl Default for PageModel {
    /// The six components of the real page, all operational, and no incident.
    fn default() -> Self {
        let component = |(id, name): (&str, &str)| Component {
            id: id.to_owned(),
            name: name.to_owned(),
            status: "operational".to_owned(),
            updated_at: "2026-08-20T17:31:09.120Z".to_owned(),
        };
        let components = [
            (CLAUDE_AI, "claude.ai"),
            (CONSOLE, "Claude Console (platform.claude.com)"),
            (API, "Claude API (api.anthropic.com)"),
            (CLAUDE_CODE, "Claude Code"),
            (COWORK, "Claude Cowork"),
            (GOVERNMENT, "Claude for Government"),
        ]
        .map(component);
        Self {
            id: PAGE_ID.to_owned(),
            components: components.into(),
            incidents: Vec::new(),
            maintenances: Vec::new(),
        }
    }
}

impl PageModel {
    /// The component `id`, to be changed.
    pub(crate) fn component(&mut self, id: &str) -> &mut Component {
        self.components.iter_mut().find(|c| c.id == id).expect("a component of the model")
    }

    /// The component `id` gets `status` at the time `at` (RFC 3339).
    pub(crate) fn set_status(&mut self, id: &str, status: &str, at: &str) {
        let component = self.component(id);
        component.status = status.to_owned();
        component.updated_at = at.to_owned();
    }

    /// Posts an incident in `investigating`, with its first update, naming `components`.
    pub(crate) fn post(
        &mut self,
        id: &str,
        name: &str,
        impact: &str,
        at: &str,
        components: &[&str],
    ) {
        let incident = Incident {
            id: id.to_owned(),
            name: name.to_owned(),
            phase: String::new(),
            impact: impact.to_owned(),
            created_at: at.to_owned(),
            started_at: at.to_owned(),
            updated_at: at.to_owned(),
            components: components.iter().map(|&c| c.to_owned()).collect(),
            updates: Vec::new(),
        };
        self.incidents.insert(0, incident);
        self.update(id, "investigating", "We are looking into it.", at);
    }

    /// Announces work from `plan.0` to `plan.1`, or gives it its next phase and plan.
    pub(crate) fn announce(
        &mut self,
        id: &str,
        phase: &str,
        plan: (Timestamp, Timestamp),
        components: &[&str],
    ) {
        let at = ccwatch::platform::clock::now().to_string();
        let update = Update {
            id: format!("{id}-1"),
            phase: phase.to_owned(),
            body: "We move to new machines.".to_owned(),
            at: at.clone(),
            changes: Vec::new(),
        };
        let work = Incident {
            id: id.to_owned(),
            name: "Planned upgrade".to_owned(),
            phase: phase.to_owned(),
            impact: "maintenance".to_owned(),
            created_at: at.clone(),
            started_at: at.clone(),
            updated_at: at,
            components: components.iter().map(|&c| c.to_owned()).collect(),
            updates: vec![update],
        };
        self.maintenances.retain(|planned| planned.work.id != id);
        let (scheduled_for, scheduled_until) = (plan.0.to_string(), plan.1.to_string());
        self.maintenances.push(Maintenance { work, scheduled_for, scheduled_until });
    }

    /// Adds an update to the incident `id`, with the present statuses of its components.
    pub(crate) fn update(&mut self, id: &str, phase: &str, body: &str, at: &str) {
        let statuses: Vec<_> =
            self.components.iter().map(|c| (c.id.clone(), c.status.clone())).collect();
        let incident = self.incident(id);
        let now_of = |id: &String| statuses.iter().find(|(other, _)| other == id);
        let changes = incident.components.iter().filter_map(now_of);
        let changes = changes.map(|(id, now)| (id.clone(), now.clone(), now.clone())).collect();
        let update = Update {
            id: format!("{id}-{}", incident.updates.len() + 1),
            phase: phase.to_owned(),
            body: body.to_owned(),
            at: at.to_owned(),
            changes,
        };
        incident.phase = phase.to_owned();
        incident.updated_at = at.to_owned();
        incident.updates.insert(0, update);
    }

    /// The incident `id`, to be changed.
    pub(crate) fn incident(&mut self, id: &str) -> &mut Incident {
        self.incidents.iter_mut().find(|i| i.id == id).expect("an incident of the model")
    }

    /// The body of `summary.json`.
    pub(crate) fn summary(&self) -> Value {
        let over = |i: &&Incident| !matches!(i.phase.as_str(), "resolved" | "postmortem");
        json!({
            "page": self.page(),
            "components": self.components.iter().enumerate()
                .map(|(n, c)| self.render_component(n, c)).collect::<Vec<_>>(),
            "incidents": self.incidents.iter().filter(over)
                .map(|i| self.render(i)).collect::<Vec<_>>(),
            "scheduled_maintenances": self.maintenances.iter()
                .map(|planned| self.render_work(planned)).collect::<Vec<_>>(),
            "status": {"indicator": "none", "description": "as the components say"},
        })
    }

    /// The body of `incidents.json`: the newest 50.
    pub(crate) fn history(&self) -> Value {
        let incidents: Vec<_> = self.incidents.iter().take(50).map(|i| self.render(i)).collect();
        json!({"page": self.page(), "incidents": incidents})
    }

    fn page(&self) -> Value {
        json!({"id": self.id, "name": "Claude", "url": "https://status.claude.com",
            "time_zone": "Etc/UTC", "updated_at": "2026-08-21T09:58:12.004Z"})
    }

    fn render_component(&self, place: usize, component: &Component) -> Value {
        json!({"id": component.id, "name": component.name, "status": component.status,
            "created_at": "2023-07-11T17:52:24.275Z", "updated_at": component.updated_at,
            "position": place + 1, "description": null, "showcase": true,
            "start_date": "2023-07-11", "group_id": null, "page_id": self.id, "group": false,
            "only_show_if_degraded": false})
    }

    fn render(&self, incident: &Incident) -> Value {
        let reached = |phase: &str| {
            incident.updates.iter().rev().find(|u| u.phase == phase).map(|u| u.at.clone())
        };
        let named = |(_, c): &(usize, &Component)| incident.components.contains(&c.id);
        json!({"id": incident.id, "name": incident.name, "status": incident.phase,
            "impact": incident.impact, "created_at": incident.created_at,
            "started_at": incident.started_at, "updated_at": incident.updated_at,
            "monitoring_at": reached("monitoring"), "resolved_at": reached("resolved"),
            "shortlink": format!("https://stspg.io/{}", incident.id), "page_id": self.id,
            "incident_updates": incident.updates.iter()
                .map(|u| self.render_update(&incident.id, u)).collect::<Vec<_>>(),
            "components": self.components.iter().enumerate().filter(named)
                .map(|(n, c)| self.render_component(n, c)).collect::<Vec<_>>(),
            "reminder_intervals": null})
    }

    fn render_work(&self, planned: &Maintenance) -> Value {
        let mut row = self.render(&planned.work);
        row["scheduled_for"] = json!(planned.scheduled_for);
        row["scheduled_until"] = json!(planned.scheduled_until);
        row
    }

    fn render_update(&self, incident: &str, update: &Update) -> Value {
        let name = |id: &str| self.components.iter().find(|c| c.id == id).map(|c| c.name.clone());
        let changes: Vec<_> = update
            .changes
            .iter()
            .map(|(id, old, new)| {
                json!({"code": id, "name": name(id), "old_status": old, "new_status": new})
            })
            .collect();
        json!({"id": update.id, "status": update.phase, "body": update.body,
            "incident_id": incident, "created_at": update.at, "updated_at": update.at,
            "display_at": update.at, "affected_components": changes,
            "deliver_notifications": true, "custom_tweet": null, "tweet_id": null})
    }
}

/// A weak ETag that follows from the content alone.
pub(crate) fn etag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}
