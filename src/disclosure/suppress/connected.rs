//! What hangs together.

/// For every one of so many the smallest that it is connected to, where all of a group are connected.
pub(super) fn connected(count: usize, groups: impl Iterator<Item = impl Iterator<Item = usize>>) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..count).collect();
    for mut group in groups {
        let Some(first) = group.next() else { continue };
        for other in group {
            let (a, b) = (root(&mut parent, first), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    (0..count).map(|at| root(&mut parent, at)).collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}
