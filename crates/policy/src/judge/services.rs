//! What destroys elsewhere: clouds, clusters, containers, databases, registries. Always asks, and says what would be gone.

use super::options::{has_letter, may_be_long};
use super::{Class, Finding, Seen};
use crate::sh::{Arg, Input};

/// Programs and the verbs with which they destroy, as words of their own among the first few.
const VERBS: &[(&str, &[&str], &str)] = &[
    (
        "terraform tofu terragrunt cdktf",
        &["destroy", "force-unlock", "taint"],
        "destroys what it manages: every resource of the stack",
    ),
    ("pulumi", &["destroy", "cancel"], "destroys what it manages: every resource of the stack"),
    ("cdk sam copilot eb", &["destroy", "delete", "terminate"], "destroys the deployed stack"),
    ("serverless sls", &["remove"], "destroys the deployed stack"),
    ("vagrant", &["destroy"], "destroys the virtual machine"),
    (
        "eksctl kops kind minikube k3d ctlptl",
        &["delete", "cluster-delete"],
        "destroys a cluster, and all that runs on it",
    ),
    (
        "kubectl oc k kubecolor microk8s",
        &["delete", "drain", "evict", "cordon"],
        "removes resources of the cluster, and what runs on them",
    ),
    (
        "helm helmfile",
        &["uninstall", "delete", "del", "un", "destroy", "rollback"],
        "removes a release from the cluster",
    ),
    ("argocd flux", &["delete", "uninstall", "rollback"], "removes applications from the cluster"),
    (
        "docker podman nerdctl docker-compose podman-compose buildah",
        &["prune", "rm", "rmi", "kill", "remove"],
        "removes containers, images, volumes or networks, with their data",
    ),
    ("gsutil", &["rm", "rb"], "deletes objects or buckets"),
    ("s3cmd s5cmd mc", &["del", "rm", "rb", "rmb", "remove"], "deletes objects or buckets"),
    ("bq", &["rm", "truncate"], "deletes tables or datasets"),
    (
        "heroku",
        &["apps:destroy", "destroy", "pg:reset", "addons:destroy", "ps:stop", "releases:rollback"],
        "destroys an application or its database",
    ),
    ("fly flyctl", &["destroy", "delete", "rm"], "destroys an application or its volumes"),
    ("vercel now", &["remove", "rm"], "removes a deployment"),
    ("netlify", &["sites:delete", "env:unset"], "removes a site"),
    (
        "doctl linode-cli hcloud scw exo vultr-cli civo oci ibmcloud openstack",
        &["delete", "rm", "terminate", "destroy"],
        "deletes resources in the cloud",
    ),
    ("wrangler", &["delete"], "deletes a worker or its data"),
    (
        "firebase",
        &["firestore:delete", "database:remove", "hosting:disable", "functions:delete"],
        "deletes data or functions",
    ),
    ("supabase", &["reset", "delete"], "resets a database or deletes a project"),
    (
        "vault consul etcdctl",
        &["delete", "destroy", "del", "disable", "revoke", "seal"],
        "deletes keys or secrets",
    ),
    ("pass gopass op bw", &["rm", "delete", "remove"], "deletes secrets"),
    (
        "redis-cli valkey-cli",
        &["flushall", "flushdb", "shutdown", "del", "unlink"],
        "deletes keys, or all of the database",
    ),
    ("mysqladmin", &["drop", "shutdown"], "drops a database"),
    (
        "rabbitmqctl rabbitmqadmin",
        &["reset", "force_reset", "delete_queue", "delete_vhost", "purge_queue", "delete", "purge"],
        "deletes queues and what waits in them",
    ),
    (
        "rails rake",
        &[
            "db:drop",
            "db:reset",
            "db:purge",
            "db:rollback",
            "db:migrate:reset",
            "db:schema:load",
            "db:truncate_all",
        ],
        "drops or resets a database",
    ),
    ("flyway liquibase", &["clean", "drop-all", "dropall", "rollback"], "drops a database"),
    (
        "npm pnpm yarn",
        &["publish", "unpublish", "deprecate", "dist-tag"],
        "changes a public registry, which cannot be taken back",
    ),
    ("cargo", &["publish", "yank", "owner"], "changes a public registry, which cannot be taken back"),
    (
        "twine gem poetry uv hatch flit pdm rye",
        &["publish", "upload", "push", "yank"],
        "changes a public registry, which cannot be taken back",
    ),
    (
        "mvn gradle gradlew ./gradlew mvnw",
        &["deploy", "publish", "release:perform", "publishPlugins"],
        "changes a registry, which cannot be taken back",
    ),
    ("dotnet nuget", &["push", "delete", "drop"], "changes a registry or drops a database"),
    (
        "gh glab hub",
        &["delete", "archive", "transfer", "remove", "disable", "cancel"],
        "deletes or closes something on the forge",
    ),
    (
        "multipass lxc incus virsh vboxmanage",
        &["delete", "purge", "destroy", "undefine", "unregistervm"],
        "destroys a virtual machine",
    ),
    (
        "prisma drizzle-kit sequelize typeorm knex alembic",
        &["reset", "db:drop", "schema:drop", "db:migrate:undo:all", "downgrade", "drop", "migrate:rollback"],
        "drops or resets a database",
    ),
    (
        "artisan manage.py",
        &["migrate:fresh", "migrate:reset", "migrate:refresh", "db:wipe", "flush", "reset_db", "sqlflush"],
        "drops or resets a database",
    ),
    ("dropdb dropuser", &[], "drops a database or a user of it"),
];

/// Programs whose first words decide, so that no unknown word may stand there.
const DECIDED_BY_WORDS: [&str; 24] = [
    "aws",
    "az",
    "cargo",
    "cdk",
    "docker",
    "fly",
    "flyctl",
    "gcloud",
    "gh",
    "glab",
    "helm",
    "heroku",
    "kubectl",
    "npm",
    "oc",
    "pnpm",
    "podman",
    "pulumi",
    "redis-cli",
    "systemctl",
    "terraform",
    "tofu",
    "vault",
    "yarn",
];

/// Raises the class when the command may destroy something elsewhere.
pub(super) fn check(name: &str, args: &[Arg], seen: &Seen<'_>, finding: &mut Finding) {
    let words: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    if DECIDED_BY_WORDS.contains(&name)
        && args.iter().any(|arg| {
            arg.is_computed && !arg.is_tame && (arg.may_split || arg.text.starts_with(['$', '`', '-']))
        })
    {
        finding.hide("what it would do shows only when it runs");
    }
    let blast = by_verb(name, &words)
        .or_else(|| by_option(name, &words))
        .or_else(|| cloud(name, &words))
        .or_else(|| sql(name, args, seen))
        .or_else(|| http(name, &words));
    if let Some(blast) = blast {
        finding.raise(Class::Destructive(blast));
    }
}

fn by_verb(name: &str, words: &[&str]) -> Option<String> {
    // `npx prisma migrate reset`, `php artisan migrate:fresh`, `python manage.py flush`: the tool is one of the words.
    let runners = [
        "npx",
        "bunx",
        "php",
        "python",
        "python3",
        "bundle",
        "poetry",
        "uv",
        "pnpm",
        "yarn",
        "npm",
        "pipenv",
        "bin/rails",
        "mix",
        "make",
    ];
    let stem = |word: &str| word.trim_start_matches("./").rsplit('/').next().unwrap_or(word).to_string();
    let (tool, rest) = match words
        .iter()
        .position(|word| !word.starts_with('-') && !matches!(*word, "exec" | "run" | "dlx"))
    {
        Some(at) if runners.contains(&name) => {
            let tool = words.get(at).map(|word| stem(word)).unwrap_or_default();
            let is_tool = VERBS.iter().any(|(names, _, _)| names.split(' ').any(|listed| listed == tool));
            if is_tool { (tool, words.get(at + 1..).unwrap_or_default()) } else { (name.to_string(), words) }
        }
        _ => (name.to_string(), words),
    };
    let (_, verbs, blast) =
        VERBS.iter().find(|(names, _, _)| names.split(' ').any(|listed| listed == tool))?;
    if verbs.is_empty() {
        return Some((*blast).to_string());
    }
    let verb = rest.iter().find(|word| verbs.iter().any(|verb| verb.eq_ignore_ascii_case(word)))?;
    Some(format!("`{tool} … {verb}` {blast}"))
}

fn by_option(name: &str, words: &[&str]) -> Option<String> {
    let has = |options: &[&str]| {
        words.iter().any(|word| {
            let word = word.split('=').next().unwrap_or(word);
            options.iter().any(|option| {
                word.trim_start_matches('-').eq_ignore_ascii_case(option) && word.starts_with('-')
            })
        })
    };
    let first = |verb: &str| words.contains(&verb);
    let says = |text: &str| Some(text.to_string());
    match name {
        "terraform" | "tofu" | "terragrunt"
            if (first("apply") && has(&["auto-approve", "destroy"]))
                || (first("state") && (first("rm") || first("push") || first("mv")))
                || (first("workspace") && first("delete")) =>
        {
            says("changes or destroys every resource of the stack without asking")
        }
        "pulumi"
            if (first("up") || first("update") || first("refresh"))
                && has(&["y", "yes", "f", "skip-preview"])
                || (first("stack") && first("rm"))
                || (first("state") && first("delete")) =>
        {
            says("changes or destroys every resource of the stack without asking")
        }
        "cdk" if first("deploy") && has(&["force", "require-approval"]) => {
            says("changes every resource of the stack without asking")
        }
        "kubectl" | "oc" | "k"
            if (first("replace") && has(&["force"]))
                || (first("apply") && has(&["prune", "force"]))
                || (first("scale") && words.iter().any(|word| word.ends_with("replicas=0"))) =>
        {
            says("removes resources of the cluster, and what runs on them")
        }
        "docker" | "docker-compose" | "podman"
            if first("down") || name == "docker-compose" && first("down") =>
        {
            (has(&["v", "volumes", "rmi", "remove-orphans"]))
                .then(|| "removes containers with their volumes and data".to_string())
        }
        "docker" if first("swarm") && first("leave") => says("takes this machine out of the swarm"),
        "gsutil" if first("rsync") && has(&["d"]) => {
            says("deletes objects that the other side does not have")
        }
        "kafka-topics" | "kafka-topics.sh" if has(&["delete"]) => {
            says("deletes a topic and all that it holds")
        }
        "prisma" | "npx" if has(&["force-reset", "accept-data-loss"]) => says("resets a database"),
        "influx" if first("delete") => says("deletes measurements"),
        _ => None,
    }
}

/// Clouds whose sub-commands are words like `delete-stack` and `delete`.
fn cloud(name: &str, words: &[&str]) -> Option<String> {
    const VERBS: [&str; 19] = [
        "delete",
        "terminate",
        "remove",
        "destroy",
        "deregister",
        "purge",
        "stop",
        "reboot",
        "disable",
        "revoke",
        "detach",
        "release",
        "cancel",
        "reset",
        "wipe",
        "deprovision",
        "deallocate",
        "disassociate",
        "abort",
    ];
    let verb = |word: &&&str| {
        let word: &str = word;
        !word.starts_with('-')
            && VERBS.iter().any(|verb| {
                word == *verb || word.strip_prefix(verb).is_some_and(|rest| rest.starts_with('-'))
            })
    };
    match name {
        "aws" => {
            let storage = words.contains(&"s3");
            let found = words.iter().find(verb).copied().or_else(|| {
                let removes = |word: &&&str| matches!(**word, "rm" | "rb" | "mv");
                words.iter().filter(|_| storage).find(removes).copied()
            });
            let syncs = storage && words.iter().any(|word| may_be_long(word, "delete"));
            found
                .map(|verb| {
                    format!("`aws … {verb}` takes away what others may use, in the account that is signed in")
                })
                .or_else(|| syncs.then(|| "deletes objects that the other side does not have".to_string()))
        }
        "gcloud" | "az" | "oci" | "ibmcloud" | "aliyun" | "tccli" | "yc" => {
            words.iter().find(verb).map(|verb| {
                format!("`{name} … {verb}` takes away what others may use, in the account that is signed in")
            })
        }
        "gh" | "glab" if words.contains(&"api") => {
            let deletes = words.iter().any(|word| {
                word.trim_start_matches("-X").trim_start_matches('=').eq_ignore_ascii_case("delete")
            });
            (deletes || words.iter().any(|word| word.eq_ignore_ascii_case("--method=delete")))
                .then(|| "deletes something on the forge".to_string())
        }
        _ => None,
    }
}

const SQL_CLIENTS: [&str; 17] = [
    "psql",
    "mysql",
    "mariadb",
    "sqlite3",
    "sqlite",
    "sqlcmd",
    "clickhouse-client",
    "clickhouse",
    "cockroach",
    "duckdb",
    "cqlsh",
    "isql",
    "mssql-cli",
    "pgcli",
    "mycli",
    "snowsql",
    "usql",
];

/// Statements that drop, truncate, or change rows without saying which, in arguments and in what is piped in.
fn sql(name: &str, args: &[Arg], seen: &Seen<'_>) -> Option<String> {
    let is_mongo = matches!(name, "mongo" | "mongosh");
    if !SQL_CLIENTS.contains(&name) && !is_mongo && name != "bq" {
        return None;
    }
    let mut texts: Vec<String> = args.iter().map(|arg| arg.text.clone()).collect();
    match &seen.part.input {
        Input::Text(text) => texts.push(text.clone()),
        Input::Part(at) => {
            let from = seen.parts.get(*at).map(|part| part.argv.as_slice()).unwrap_or_default();
            texts.extend(from.iter().map(|arg| arg.text.clone()));
        }
        _ => {}
    }
    for text in &texts {
        if is_mongo
            && ["drop", "deleteMany", "deleteOne", "remove(", "shutdownServer"]
                .iter()
                .any(|word| text.contains(word))
        {
            return Some("deletes documents, a collection or a database".to_string());
        }
        if let Some(blast) = statements(text) {
            return Some(blast);
        }
    }
    None
}

fn statements(text: &str) -> Option<String> {
    for statement in text.split(';') {
        let words: Vec<String> = statement
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_uppercase)
            .collect();
        let has = |word: &str| words.iter().any(|found| found == word);
        for (at, word) in words.iter().enumerate() {
            let next = words.get(at + 1).map_or("", String::as_str);
            match word.as_str() {
                "DROP" => return Some(format!("drops {}", next.to_ascii_lowercase()).trim_end().to_string()),
                "TRUNCATE" => return Some("deletes every row of a table".to_string()),
                "DELETE" if !has("WHERE") => {
                    return Some("deletes every row of a table: there is no WHERE".to_string());
                }
                "UPDATE" if has("SET") && !has("WHERE") => {
                    return Some("changes every row of a table: there is no WHERE".to_string());
                }
                "FLUSHALL" | "VACUUM" if word == "FLUSHALL" => return Some("deletes all keys".to_string()),
                _ => {}
            }
        }
    }
    None
}

/// Requests that ask a server to delete.
fn http(name: &str, words: &[&str]) -> Option<String> {
    if !matches!(name, "curl" | "wget" | "http" | "https" | "xh" | "xhs" | "httpie" | "curlie") {
        return None;
    }
    let deletes = words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map_or("", |word| word);
        let method = |text: &str| text.eq_ignore_ascii_case("delete");
        // `-sX DELETE`, `-XDELETE`, `--request=DELETE`, `--req DELETE`
        let short = has_letter(word, "X").then(|| word.rsplit_once('X').map_or("", |(_, rest)| rest));
        short.is_some_and(|rest| method(rest) || (rest.is_empty() && method(next)))
            || (may_be_long(word, "request") || may_be_long(word, "method"))
                && (word.split_once('=').is_some_and(|(_, value)| method(value)) || method(next))
            || (at == 0 && method(word) && !matches!(name, "curl" | "wget"))
    });
    deletes.then(|| "asks a server to delete something".to_string())
}
