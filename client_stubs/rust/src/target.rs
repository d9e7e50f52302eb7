//! Where the sidecar is.

use std::path::{Path, PathBuf};

use crate::Error;

/// Where the sidecar listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
}

const SOCKET: &str = "outrigger/outrigger.sock";
const TCP: &str = "127.0.0.1:7420";

impl Target {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let unknown = || Error::Target(text.to_owned());
        let path = text.strip_prefix("unix://").or_else(|| text.strip_prefix("unix:"));
        if let Some(path) = path {
            return if path.is_empty() { Err(unknown()) } else { Ok(Target::Unix(path.into())) };
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(Target::Tcp(text.to_owned())),
            _ if text.contains('/') => Ok(Target::Unix(text.into())),
            _ => Err(unknown()),
        }
    }

    /// The one given, or `OUTRIGGER_TARGET`, or where a sidecar usually is.
    pub(crate) fn find(given: Option<&str>) -> Result<Self, Error> {
        if let Some(text) = given {
            return Target::parse(text);
        }
        match std::env::var("OUTRIGGER_TARGET") {
            Ok(text) if !text.is_empty() => Target::parse(&text),
            _ => Ok(Target::usual(std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from), Path::exists)),
        }
    }

    fn usual(runtime_folder: Option<PathBuf>, exists: impl Fn(&Path) -> bool) -> Self {
        let run = PathBuf::from("/run");
        let folders = [Some(run.clone()), runtime_folder, Some(PathBuf::from("/tmp"))];
        let found = folders.into_iter().flatten().map(|folder| folder.join(SOCKET)).find(|socket| exists(socket));
        match found {
            Some(socket) => Target::Unix(socket),
            None if exists(&run.join("outrigger")) => Target::Unix(run.join(SOCKET)),
            None => Target::Tcp(TCP.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(path: &str) -> Target {
        Target::Unix(path.into())
    }

    #[test]
    fn all_forms_are_understood() {
        assert_eq!(Target::parse("unix:///run/o.sock"), Ok(unix("/run/o.sock")));
        assert_eq!(Target::parse("unix:o.sock"), Ok(unix("o.sock")));
        assert_eq!(Target::parse("/run/o.sock"), Ok(unix("/run/o.sock")));
        assert_eq!(Target::parse("./o.sock"), Ok(unix("./o.sock")));
        assert_eq!(Target::parse("sidecar:7420"), Ok(Target::Tcp("sidecar:7420".into())));
        assert_eq!(Target::parse("[::1]:7420"), Ok(Target::Tcp("[::1]:7420".into())));
        for wrong in ["", "unix:", "sidecar", ":7420", "sidecar:port"] {
            assert_eq!(Target::parse(wrong), Err(Error::Target(wrong.into())), "{wrong}");
        }
    }

    #[test]
    fn the_first_socket_that_exists_is_taken() {
        let find = |existing: &'static [&'static str]| {
            Target::usual(Some("/user".into()), |path| existing.iter().any(|one| Path::new(one) == path))
        };
        assert_eq!(find(&[]), Target::Tcp("127.0.0.1:7420".into()));
        assert_eq!(find(&["/run/outrigger"]), unix("/run/outrigger/outrigger.sock"));
        assert_eq!(find(&["/run/outrigger", "/tmp/outrigger/outrigger.sock"]), unix("/tmp/outrigger/outrigger.sock"));
        assert_eq!(
            find(&["/user/outrigger/outrigger.sock", "/tmp/outrigger/outrigger.sock"]),
            unix("/user/outrigger/outrigger.sock")
        );
    }
}
