//! `polyground healthcheck`: for container engines and init systems, which know only exit codes.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Collected, Limited};
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::out::print;
use crate::config::{self, EngineArgs, ServeArgs};

/// How long the server may take to answer, with everything.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most of its answer that is read.
const ANSWER_BYTES: usize = 64 << 10;

/// Ask the server of this configuration whether it can run programs: exit code 0 if so, else 1 and why
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground healthcheck                                   whether programs can run (/readyz)
  polyground healthcheck --live                            whether the process answers (/healthz)
  polyground healthcheck --url http://10.0.0.5:8080/readyz")]
pub(super) struct HealthcheckArgs {
    /// What to ask, over plain HTTP [default: /readyz at the configured address]
    #[arg(long, value_name = "URL")]
    url: Option<Uri>,
    /// Ask only whether the process answers
    #[arg(long, conflicts_with = "url")]
    live: bool,
    /// The address that the server listens on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "POLYGROUND_LISTEN")]
    listen: Option<SocketAddr>,
    /// The configuration file [default: ./polyground.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "POLYGROUND_CONFIG")]
    config: Option<PathBuf>,
}

pub(super) async fn ask(args: HealthcheckArgs) -> anyhow::Result<ExitCode> {
    let url = match args.url {
        Some(url) => url,
        None => {
            let serve = ServeArgs { listen: args.listen, ..ServeArgs::default() };
            let (_, config) = config::load(args.config.as_deref(), EngineArgs::default(), serve)?;
            if config.listen.port() == 0 {
                bail!("the server listens on a free port (port 0): say which with --url");
            }
            let path = if args.live { "/healthz" } else { "/readyz" };
            format!("http://{}{path}", reachable(config.listen)).parse()?
        }
    };
    let answer = tokio::time::timeout(PATIENCE, get(&url)).await;
    let (status, body) =
        answer.with_context(|| format!("{url}: no answer within {} s", PATIENCE.as_secs()))??;
    if status == StatusCode::OK {
        print("ok\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    bail!("{url}: {status}: {}", reason(&body))
}

/// Where a server that listens on every address of the machine can be asked on the machine itself.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Asks once, on a connection of its own.
async fn get(url: &Uri) -> anyhow::Result<(StatusCode, Bytes)> {
    if url.scheme_str() != Some("http") {
        bail!("{url}: only http:// can be asked; the server itself speaks nothing else");
    }
    let authority = url.authority().with_context(|| format!("{url}: names no host"))?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host, port)).await.with_context(|| format!("{url}: cannot connect"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONNECTION, "close")
        .body(String::new())?;
    let response = sender.send_request(request).await.with_context(|| format!("{url}: no answer"))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    driven.abort();
    Ok((status, body.map(Collected::to_bytes).unwrap_or_default()))
}

/// Why not, as the server's problem says it; or nothing, where something else answered.
fn reason(body: &[u8]) -> String {
    let problem = serde_json::from_slice::<serde_json::Value>(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem.get("detail")?.as_str());
    detail.unwrap_or("that is no answer of Polyground").to_owned()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::{HealthcheckArgs, ask, reachable};

    /// Asks a server that gives this answer.
    async fn asked(answer: &'static str) -> anyhow::Result<std::process::ExitCode> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let args = HealthcheckArgs { url: None, live: false, listen: Some(listen), config: None };
        let result = ask(args).await;
        assert!(server.await.unwrap().starts_with("GET /readyz HTTP/1.1\r\n"));
        result
    }

    #[tokio::test]
    async fn says_why_a_server_is_not_ready() {
        asked("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}").await.unwrap();
        let refused = asked("HTTP/1.1 503 x\r\nContent-Length: 17\r\n\r\n{\"detail\":\"busy\"}").await;
        assert!(refused.unwrap_err().to_string().ends_with("503 Service Unavailable: busy"));
        let strange = asked("HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno").await.unwrap_err();
        assert!(strange.to_string().contains("404 Not Found: that is no answer of Polyground"));
    }

    #[tokio::test]
    async fn waits_three_seconds_for_one_that_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = Some(listener.local_addr().unwrap());
        let error = ask(HealthcheckArgs { url: None, live: true, listen, config: None }).await.unwrap_err();
        assert!(error.to_string().ends_with("/healthz: no answer within 3 s"), "{error}");
    }

    #[tokio::test]
    async fn needs_an_address() {
        let listen = Some("127.0.0.1:0".parse().unwrap());
        let error = ask(HealthcheckArgs { url: None, live: false, listen, config: None }).await.unwrap_err();
        assert!(error.to_string().contains("--url"), "{error}");
        let url = Some("https://example.org/readyz".parse().unwrap());
        let error = ask(HealthcheckArgs { url, live: false, listen: None, config: None }).await.unwrap_err();
        assert!(error.to_string().contains("only http://"), "{error}");
    }

    #[test]
    fn asks_this_machine_where_the_server_listens_everywhere() {
        for (listen, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.5:80", "10.0.0.5:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse::<SocketAddr>().unwrap());
        }
    }
}
