//! Where a Docker Engine may be.

use crate::engine::EngineError;

/// The addresses to try in order, as Docker's own tools do: the one asked for, else `DOCKER_HOST`, else the usual sockets
/// of Docker, rootless Docker and Podman.
///
/// # Errors
/// When the address is of a kind that is not spoken here.
pub(super) fn addresses(
    asked: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, EngineError> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let Some(address) = asked.map(str::to_owned).or_else(|| set("DOCKER_HOST")) else {
        let mut places = vec!["unix:///var/run/docker.sock".to_owned()];
        if let Some(folder) = set("XDG_RUNTIME_DIR") {
            places.push(format!("unix://{folder}/docker.sock"));
            places.push(format!("unix://{folder}/podman/podman.sock"));
        }
        places.push("unix:///run/podman/podman.sock".to_owned());
        return Ok(places);
    };
    let refused = |reason: &str| EngineError::Unreachable {
        engine: format!("Docker at {address}"),
        reason: reason.to_owned(),
    };
    if address.starts_with("unix:///") {
        return Ok(vec![address]);
    }
    if address.starts_with("tcp://") || address.starts_with("http://") {
        if set("DOCKER_TLS_VERIFY").is_some() {
            return Err(refused(
                "DOCKER_TLS_VERIFY is set and TLS is not spoken here. Forward the engine's socket to this machine \
                 (`ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST`) and use unix:///tmp/docker.sock",
            ));
        }
        return Ok(vec![address]);
    }
    Err(refused("an address begins with unix:///, tcp:// or http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(asked: Option<&str>, variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let variable = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        addresses(asked, variable).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_word_the_usual_sockets_are_tried() {
        assert_eq!(
            tried(None, &[("XDG_RUNTIME_DIR", "/run/user/7"), ("DOCKER_HOST", "")]).unwrap(),
            [
                "unix:///var/run/docker.sock",
                "unix:///run/user/7/docker.sock",
                "unix:///run/user/7/podman/podman.sock",
                "unix:///run/podman/podman.sock"
            ]
        );
    }

    #[test]
    fn what_is_asked_for_goes_before_the_environment() {
        let host = [("DOCKER_HOST", "tcp://there:2375")];
        assert_eq!(tried(None, &host).unwrap(), ["tcp://there:2375"]);
        assert_eq!(tried(Some("unix:///x.sock"), &host).unwrap(), ["unix:///x.sock"]);
    }

    #[test]
    fn what_is_not_spoken_is_said_and_never_silently_in_clear() {
        let tls = [("DOCKER_TLS_VERIFY", "1")];
        assert!(tried(Some("tcp://there:2376"), &tls).unwrap_err().contains("TLS is not spoken here"));
        assert!(tried(Some("ssh://there"), &[]).unwrap_err().contains("begins with unix:///"));
    }
}
