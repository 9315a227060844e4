//! `ccwatch run`: the daemon.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::start::{Base, RunOptions, followed, start};
use crate::app::usage::UsageError;
use crate::claude_code::place::{Place, environment};
use crate::cli::{self, Global};
use crate::client::picture::Picture;
use crate::config::Config;
use crate::page::recording::Recorder;
use crate::platform::sandbox::{self, Allowlist};
use crate::platform::{paths, plain, reach};

/// Watches until it is stopped, or for one look.
pub fn run(global: &Global, args: &cli::Run) -> anyhow::Result<ExitCode> {
    let base = Base::begin()?;
    let app = App::load(global)?;
    let dir = app.state_dir()?;
    let App { config, file, .. } = &app;
    if let Some(home) = paths::silent_home() {
        let (home, why) = (home.display(), reach::silent());
        tracing::warn!("the home directory {home}: {why} ccwatch goes on without what is there");
    }
    let options = RunOptions {
        recorder: args.record.as_deref().map(open_recording).transpose()?,
        needs: config.sandbox.then(|| needs(global, args, config, &dir)),
        once: args.once,
        made_up: false,
        explains_itself: !args.once && args.log_file.is_none() && io::stderr().is_terminal(),
    };
    start(base, config.clone(), file.clone(), &dir, options, std::future::pending())?;
    match args.once {
        true => Ok(Picture::glance(&app)?.exit_code()),
        false => Ok(ExitCode::Success),
    }
}

/// What stays open to the daemon.
fn needs(global: &Global, args: &cli::Run, config: &Config, state: &Path) -> Allowlist {
    let mut needs = Allowlist::of_environment();
    needs.change.push(state.to_owned());
    let file = global.config.clone().or_else(|| paths::config_file().ok());
    if let Some(log) = &args.log_file {
        needs.change_file(&paths::below_home(log), file.as_deref());
    }
    if let Some(file) = &file {
        if sandbox::is_below(file, state) {
            tracing::warn!("{}", can_change(file));
        }
        // One that is made later is read then.
        if global.config.is_none() {
            file.parent().into_iter().for_each(|dir| needs.read_dir(dir));
        }
        needs.read_file(file);
    }
    match followed(config, state).claude {
        Some(claude) if !reach::answers(&claude.projects()) => {
            let (dir, why) = (claude.config.display(), reach::silent());
            tracing::warn!("{dir}: {why} The transcripts there are not followed");
        }
        Some(claude) => {
            needs.read_dir(&claude.projects());
            // Says whose API it is; the directory stays closed, since the login is in it too.
            needs.read.push(claude.config.join("settings.json"));
        }
        None => {}
    }
    if config.watches_ways() {
        // Says which way requests go, by name alone.
        let place = Place::find(&environment, PathBuf::new());
        needs.read.extend(place.map(|place| place.config.join("settings.json")));
    }
    needs
}

/// What the sandbox can't do for a configuration in the state directory.
pub(super) fn can_change(file: &Path) -> String {
    let file = file.display();
    format!("{file} is in the state directory, where the sandbox can't protect it: move it")
}

fn open_recording(path: &Path) -> anyhow::Result<Recorder> {
    let opened = match reach::answers(path) {
        true => Recorder::open(path),
        false => Err(reach::silent()),
    };
    opened.map_err(|why| {
        let what = format!("can't record to {}", path.display());
        match plain::not_plain(&why) {
            None => anyhow::Error::from(why).context(what),
            Some(other) => UsageError {
                what: format!("{what}: {other}"),
                hint: "name a plain file; to see it grow, run: tail -f FILE".to_owned(),
            }
            .into(),
        }
    })
}
