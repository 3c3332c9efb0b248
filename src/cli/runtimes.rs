//! `polyground runtimes`: what the definitions say, and what the engine can offer of it.

use std::process::ExitCode;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::{Common, out::print};
use crate::{
    app::connect,
    config::{self, ServeArgs},
    engine::{Engine, ImageState},
    prepare::image_request,
    runtime::{Runtime, load_all},
};

/// List the runtimes: language, version, aliases, and whether this engine can offer them.
#[derive(Debug, Args)]
pub(super) struct RuntimesArgs {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// One line of the list.
struct Row {
    id: String,
    language: String,
    version: String,
    aliases: String,
    state: String,
}

pub(super) async fn list(args: RuntimesArgs) -> anyhow::Result<ExitCode> {
    let (config, _) = config::load(args.common.config.as_deref(), args.common.engine, ServeArgs::default())?;
    let (engine, _) = connect(&config).await?;
    let mut rows = Vec::new();
    for loaded in load_all(&config.runtimes)? {
        rows.push(match loaded {
            Ok(runtime) => row(engine.as_ref(), &runtime).await,
            Err(broken) => Row {
                id: broken.id.clone(),
                language: String::new(),
                version: String::new(),
                aliases: String::new(),
                state: format!("broken: {}", broken.summary()),
            },
        });
    }
    rows.sort_by(|one, other| (&one.language, &one.id).cmp(&(&other.language, &other.id)));
    print(&if args.json { json(&rows)? } else { table(&rows) })?;
    Ok(ExitCode::SUCCESS)
}

async fn row(engine: &dyn Engine, runtime: &Runtime) -> Row {
    let state = match engine.image_state(&image_request(runtime)).await {
        Ok(ImageState::Current(_)) => "image ready".to_owned(),
        Ok(ImageState::Outdated(_)) => "image outdated".to_owned(),
        Ok(ImageState::Missing) => "image missing".to_owned(),
        Err(error) => error.to_string(),
    };
    Row {
        id: runtime.id.clone(),
        language: runtime.language.clone(),
        version: runtime.line.clone(),
        aliases: runtime.aliases.join(", "),
        state,
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["ID", "LANGUAGE", "VERSION", "ALIASES", "STATE"]);
    for row in rows {
        table.add_row([&row.id, &row.language, &row.version, &row.aliases, &row.state]);
    }
    format!("{table}\n")
}

fn json(rows: &[Row]) -> serde_json::Result<String> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "id": row.id, "language": row.language, "version": row.version,
                "aliases": row.aliases.split(", ").filter(|alias| !alias.is_empty()).collect::<Vec<_>>(),
                "state": row.state,
            })
        })
        .collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&rows)?))
}
