//! A fork and its parent tell others of one another only where the other is public.

use std::sync::Arc;

use super::{Opened, draft, stores};
use crate::store::{Draft, Position, Store, Visibility};

async fn save(store: &Arc<dyn Store>, visibility: Visibility, parent: Option<&str>) -> String {
    let draft = Draft { visibility, parent: parent.map(str::to_owned), ..draft("fork") };
    store.save(draft, None, None).await.unwrap().id
}

async fn forks(store: &Arc<dyn Store>, id: &str) -> Vec<String> {
    store.forks(id, 10).await.unwrap().into_iter().map(|summary| summary.id).collect()
}

async fn parent(store: &Arc<dyn Store>, id: &str) -> Option<String> {
    store.find(id).await.unwrap().draft.parent
}

#[tokio::test]
async fn neither_an_unlisted_fork_nor_an_unlisted_parent_is_told() {
    use Visibility::{Public, Unlisted};
    for Opened { store, location, .. } in &stores().await {
        for (of_parent, of_fork) in
            [(Public, Public), (Public, Unlisted), (Unlisted, Public), (Unlisted, Unlisted)]
        {
            let origin = save(store, of_parent, None).await;
            let fork = save(store, of_fork, Some(&origin)).await;
            let expected = (of_fork == Public).then(|| fork.clone());
            assert_eq!(forks(store, &origin).await, Vec::from_iter(expected), "{location}: {of_fork:?}");
            let expected = (of_parent == Public).then(|| origin.clone());
            assert_eq!(parent(store, &fork).await, expected, "{location}: {of_parent:?}");
        }
    }
}

#[tokio::test]
async fn a_parent_that_has_gone_is_not_named_and_its_forks_come_in_order() {
    for Opened { store, location, .. } in &stores().await {
        let public = Draft { visibility: Visibility::Public, ..draft("parent") };
        let removed = store.save(public.clone(), None, None).await.unwrap();
        let expired = store.save(Draft { lifetime_ms: Some(-1), ..public }, None, None).await.unwrap();
        let mut children = Vec::new();
        for _ in 0..3 {
            children.push(save(store, Visibility::Public, Some(&removed.id)).await);
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert_eq!(forks(store, &removed.id).await, children, "{location}");
        let orphan = save(store, Visibility::Public, Some(&expired.id)).await;
        store.remove(&removed.id, &removed.edit_token.unwrap()).await.unwrap();
        for id in [&children[0], &orphan] {
            assert_eq!(parent(store, id).await, None, "{location}");
        }
        // What the store keeps for another one is whole.
        let all = store.export(&Position { created_at_ms: i64::MIN, id: String::new() }, 10).await.unwrap();
        let kept = all.iter().find(|record| record.id == children[0]).unwrap();
        assert_eq!(kept.parent.as_ref(), Some(&removed.id), "{location}");
    }
}
