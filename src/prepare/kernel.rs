//! What this machine's kernel says about nested sandboxes: which of its rules may forbid them, and the cure of each.
//!
//! Read from files below a root folder, so that tests can bring a machine of their own. The probe of
//! [`crate::pool::probe_isolation`] decides; this only explains.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use crate::engine::{EngineInfo, EngineKind};

/// How the profile that comes with this server is loaded and used.
const LOAD_PROFILE: &str = "sudo apparmor_parser -r -W deploy/apparmor/polyground-cell, then start with \
                            --apparmor-profile polyground-cell";

/// The rules of one kernel, as far as it tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KernelRules {
    /// `kernel.unprivileged_userns_clone`, where the kernel has it (Debian, Ubuntu).
    pub userns_clone: Option<bool>,
    /// `user.max_user_namespaces`.
    pub max_user_namespaces: Option<u64>,
    /// Whether AppArmor is on.
    pub app_armor: bool,
    /// Whether AppArmor takes the rights in new user namespaces from unconfined processes (Ubuntu 23.10 and later).
    pub restricts_user_namespaces: bool,
    /// The AppArmor profiles that are loaded; `None` where that may not be read.
    pub profiles: Option<Vec<String>>,
    /// Whether SELinux enforces its policy.
    pub se_linux: bool,
}

/// A rule that may forbid nested sandboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What was seen, and what it does.
    pub seen: String,
    /// What to do about it.
    pub cure: String,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. Cure: {}", self.seen, self.cure)
    }
}

impl KernelRules {
    /// Reads the rules below `root`: `/` for this machine.
    pub fn read(root: &Path) -> Self {
        let file = |path: &str| read(root.join(path));
        let number = |path: &str| file(path).and_then(|text| text.parse::<u64>().ok());
        let profiles = file("sys/kernel/security/apparmor/profiles");
        Self {
            userns_clone: number("proc/sys/kernel/unprivileged_userns_clone").map(|value| value != 0),
            max_user_namespaces: number("proc/sys/user/max_user_namespaces"),
            app_armor: file("sys/module/apparmor/parameters/enabled").as_deref() == Some("Y"),
            restricts_user_namespaces: number("proc/sys/kernel/apparmor_restrict_unprivileged_userns")
                == Some(1),
            profiles: profiles.map(|text| text.lines().map(profile_name).collect()),
            se_linux: number("sys/fs/selinux/enforce") == Some(1),
        }
    }

    /// The rules that forbid user namespaces to ordinary users, whatever the engine.
    pub fn against_user_namespaces(&self) -> Vec<Obstacle> {
        let mut found = Vec::new();
        if self.userns_clone == Some(false) {
            found.push(Obstacle {
                seen: "kernel.unprivileged_userns_clone is 0: ordinary users may make no user namespaces"
                    .into(),
                cure:
                    "sudo sysctl -w kernel.unprivileged_userns_clone=1, and the same line in /etc/sysctl.d/"
                        .into(),
            });
        }
        if self.max_user_namespaces == Some(0) {
            found.push(Obstacle {
                seen: "user.max_user_namespaces is 0: nobody may make a user namespace".into(),
                cure: "sudo sysctl -w user.max_user_namespaces=15000, and the same line in /etc/sysctl.d/"
                    .into(),
            });
        }
        found
    }

    /// All that may forbid nested sandboxes to the cells of this engine. Of an engine elsewhere only what it tells itself
    /// is said.
    pub fn obstacles(&self, engine: &EngineInfo) -> Vec<Obstacle> {
        let mut found = if engine.is_here { self.against_user_namespaces() } else { Vec::new() };
        found.extend(self.app_armor_obstacle(engine));
        let confined = engine.se_linux && (!engine.is_here || self.se_linux);
        if confined {
            found.push(Obstacle {
                seen: "SELinux confines the engine's containers (container_t), which may forbid mounts".into(),
                cure: "sudo ausearch -m avc -ts recent shows what was denied; audit2allow makes a policy module of it"
                    .into(),
            });
        }
        found
    }

    fn app_armor_obstacle(&self, engine: &EngineInfo) -> Option<Obstacle> {
        let restricted = engine.is_here && self.restricts_user_namespaces;
        match (engine.kind, engine.app_armor_profile.as_deref()) {
            (EngineKind::Docker, None) if engine.app_armor => Some(Obstacle {
                seen: "AppArmor is on, and the engine's own profile (docker-default) denies every mount"
                    .into(),
                cure: LOAD_PROFILE.into(),
            }),
            (EngineKind::Docker, Some(profile)) if engine.app_armor && profile != "unconfined" => {
                let loaded = !engine.is_here
                    || self.profiles.as_ref().is_none_or(|all| all.iter().any(|each| each == profile));
                (!loaded).then(|| Obstacle {
                    seen: format!("the AppArmor profile `{profile}` is not loaded"),
                    cure: "sudo apparmor_parser -r -W deploy/apparmor/polyground-cell, or the file that it stands in"
                        .into(),
                })
            }
            (EngineKind::Docker, _) if restricted => {
                Some(Obstacle { seen: restriction("cells are unconfined"), cure: LOAD_PROFILE.into() })
            }
            (EngineKind::Local, _) if restricted => Some(Obstacle {
                seen: restriction("the local engine has no profile"),
                cure: "use the docker engine with deploy/apparmor/polyground-cell, or sudo sysctl -w \
                       kernel.apparmor_restrict_unprivileged_userns=0"
                    .into(),
            }),
            _ => None,
        }
    }
}

fn restriction(why: &str) -> String {
    format!(
        "AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1, Ubuntu 23.10 and later) \
         and {why}"
    )
}

/// `polyground-cell (enforce)` without what is in brackets.
fn profile_name(line: &str) -> String {
    line.rsplit_once(" (").map_or(line, |(name, _)| name).to_owned()
}

fn read(path: PathBuf) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with these files.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, KernelRules) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let rules = KernelRules::read(root.path());
        (root, rules)
    }

    const UBUNTU_24_04: &[(&str, &str)] = &[
        ("proc/sys/kernel/unprivileged_userns_clone", "1\n"),
        ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"),
        ("proc/sys/user/max_user_namespaces", "63000\n"),
        ("sys/module/apparmor/parameters/enabled", "Y\n"),
        ("sys/kernel/security/apparmor/profiles", "docker-default (enforce)\nrunc (unconfined)\n"),
    ];

    const OLD_DEBIAN: &[(&str, &str)] = &[
        ("proc/sys/kernel/unprivileged_userns_clone", "0\n"),
        ("proc/sys/user/max_user_namespaces", "15000\n"),
        ("sys/module/apparmor/parameters/enabled", "N\n"),
    ];

    fn engine(kind: EngineKind) -> EngineInfo {
        EngineInfo {
            kind,
            version: "1".into(),
            address: "x".into(),
            cgroup_version: Some(2),
            is_here: true,
            app_armor: false,
            app_armor_profile: None,
            se_linux: false,
        }
    }

    fn confined(profile: Option<&str>) -> EngineInfo {
        let app_armor_profile = profile.map(str::to_owned);
        EngineInfo { app_armor: true, app_armor_profile, ..engine(EngineKind::Docker) }
    }

    fn told(rules: &KernelRules, engine: &EngineInfo) -> String {
        let told: Vec<_> = rules.obstacles(engine).iter().map(Obstacle::to_string).collect();
        told.join("\n")
    }

    #[test]
    fn ubuntu_24_04_denies_mounts_until_the_shipped_profile_is_loaded_and_named() {
        let (_root, rules) = machine(UBUNTU_24_04);
        insta::assert_snapshot!(told(&rules, &confined(None)), @"AppArmor is on, and the engine's own profile (docker-default) denies every mount. Cure: sudo apparmor_parser -r -W deploy/apparmor/polyground-cell, then start with --apparmor-profile polyground-cell");
        insta::assert_snapshot!(told(&rules, &confined(Some("polyground-cell"))), @"the AppArmor profile `polyground-cell` is not loaded. Cure: sudo apparmor_parser -r -W deploy/apparmor/polyground-cell, or the file that it stands in");
        insta::assert_snapshot!(told(&rules, &confined(Some("unconfined"))), @"AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1, Ubuntu 23.10 and later) and cells are unconfined. Cure: sudo apparmor_parser -r -W deploy/apparmor/polyground-cell, then start with --apparmor-profile polyground-cell");
        insta::assert_snapshot!(told(&rules, &engine(EngineKind::Local)), @"AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1, Ubuntu 23.10 and later) and the local engine has no profile. Cure: use the docker engine with deploy/apparmor/polyground-cell, or sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    }

    #[test]
    fn ubuntu_24_04_with_the_profile_has_no_obstacle() {
        let loaded = ("sys/kernel/security/apparmor/profiles", "polyground-cell (enforce)\n");
        let (_root, rules) = machine(&[&UBUNTU_24_04[..4], &[loaded]].concat());
        assert_eq!(told(&rules, &confined(Some("polyground-cell"))), "");
    }

    #[test]
    fn profiles_that_may_not_be_read_are_not_said_to_be_missing() {
        let (_root, rules) = machine(&UBUNTU_24_04[..4]);
        assert_eq!(rules.profiles, None);
        assert_eq!(told(&rules, &confined(Some("polyground-cell"))), "");
    }

    #[test]
    fn an_old_debian_switches_user_namespaces_off() {
        let (_root, rules) = machine(OLD_DEBIAN);
        for kind in [EngineKind::Docker, EngineKind::Local] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(told(&rules, &engine(kind)), @"kernel.unprivileged_userns_clone is 0: ordinary users may make no user namespaces. Cure: sudo sysctl -w kernel.unprivileged_userns_clone=1, and the same line in /etc/sysctl.d/");
            }
        }
    }

    #[test]
    fn a_bound_of_none_and_selinux_are_told() {
        let (_root, rules) =
            machine(&[("proc/sys/user/max_user_namespaces", "0\n"), ("sys/fs/selinux/enforce", "1")]);
        let told = told(&rules, &EngineInfo { se_linux: true, ..engine(EngineKind::Docker) });
        assert!(told.contains("user.max_user_namespaces is 0"), "{told}");
        assert!(told.contains("container_t") && told.contains("ausearch"), "{told}");
    }

    #[test]
    fn of_an_engine_elsewhere_this_machines_rules_are_not_told() {
        let (_root, rules) = machine(OLD_DEBIAN);
        assert_eq!(told(&rules, &EngineInfo { is_here: false, ..engine(EngineKind::Docker) }), "");
        let confined = EngineInfo { is_here: false, ..confined(None) };
        assert!(told(&rules, &confined).contains("docker-default"));
    }

    #[test]
    fn a_machine_that_tells_nothing_has_no_obstacle() {
        let (_root, rules) = machine(&[]);
        assert_eq!(rules, KernelRules::default());
        assert_eq!(told(&rules, &engine(EngineKind::Docker)), "");
    }

    #[test]
    fn this_machine_is_read_as_it_is() {
        let rules = KernelRules::read(Path::new("/"));
        let most = fs::read_to_string("/proc/sys/user/max_user_namespaces").ok();
        assert_eq!(rules.max_user_namespaces, most.map(|most| most.trim().parse().unwrap()));
        let enabled = fs::read_to_string("/sys/module/apparmor/parameters/enabled");
        assert_eq!(rules.app_armor, enabled.is_ok_and(|text| text.starts_with('Y')));
    }
}
