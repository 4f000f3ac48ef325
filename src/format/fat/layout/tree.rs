//! The directories that a list of paths makes, and their entries.

use std::collections::HashMap;

use super::{LayoutError, Node, NodeKind};
use crate::format::fat::entry::{DOT, DOT_DOT, ShortEntry, encode_long, long_entries};
use crate::format::fat::name::{self, Aliases, ShortName, exact_alias, is_short};
use crate::format::fat::{
    ATTRIBUTE_ARCHIVE, ATTRIBUTE_DIRECTORY, ATTRIBUTE_HIDDEN, ATTRIBUTE_VOLUME_ID, ENTRY_BYTES,
    MAX_DIRECTORY_BYTES,
};

pub(super) const MAX_DIRECTORY_ENTRIES: usize = MAX_DIRECTORY_BYTES as usize / ENTRY_BYTES;
/// As deep as readers of ours go; Windows' paths of 260 characters end sooner.
const MAX_DEPTH: usize = 64;
const ROOT: usize = 0;

/// The root is the first.
#[derive(Debug)]
pub(super) struct Tree {
    pub directories: Vec<Directory>,
    /// Whether the root has an entry for the volume's label.
    has_label: bool,
}

#[derive(Debug)]
pub(super) struct Directory {
    pub path: String,
    parent: usize,
    is_hidden: bool,
    modified_unix_secs: Option<i64>,
    children: Vec<Child>,
    /// In `nodes` itself, not only as the parent of one.
    is_listed: bool,
}

#[derive(Debug)]
struct Child {
    name: String,
    kind: ChildKind,
}

#[derive(Clone, Copy, Debug)]
enum ChildKind {
    /// Among the directories.
    Directory(usize),
    /// Among the nodes.
    File(usize),
}

/// Where everything begins: by directory, and by node.
pub(super) struct Clusters<'a> {
    pub directories: &'a [u32],
    pub files: &'a [u32],
}

impl Tree {
    pub fn build(nodes: &[Node], has_label: bool) -> Result<Self, LayoutError> {
        let mut builder =
            Builder { directories: vec![Directory::new(String::new(), ROOT)], children: HashMap::new() };
        for (index, node) in nodes.iter().enumerate() {
            builder.add(nodes, index, node)?;
        }
        let tree = Self { directories: builder.directories, has_label };
        for (index, directory) in tree.directories.iter().enumerate() {
            let entries = tree.entry_count(index);
            if entries > MAX_DIRECTORY_ENTRIES {
                let path = if index == ROOT { "/".to_owned() } else { directory.path.clone() };
                return Err(LayoutError::DirectoryTooLarge { path, entries });
            }
        }
        Ok(tree)
    }

    /// Bytes of the directory's entries.
    pub fn directory_bytes(&self, index: usize) -> usize {
        self.entry_count(index) * ENTRY_BYTES
    }

    fn entry_count(&self, index: usize) -> usize {
        let own = if index == ROOT { usize::from(self.has_label) } else { 2 };
        let entries = |child: &Child| 1 + if is_short(&child.name) { 0 } else { long_entries(&child.name) };
        own + self.directories[index].children.iter().map(entries).sum::<usize>()
    }

    /// The entries of a directory. `label` and `label_unix_secs` as they were told to the volume.
    pub fn encode(
        &self,
        index: usize,
        nodes: &[Node],
        clusters: &Clusters<'_>,
        label: Option<ShortName>,
        label_unix_secs: Option<i64>,
    ) -> Vec<u8> {
        let directory = &self.directories[index];
        let mut bytes = Vec::with_capacity(self.directory_bytes(index));
        let short = |name, attributes, first_cluster, len_bytes, modified: Option<i64>| {
            let modified_unix_secs = modified.or(label_unix_secs);
            ShortEntry { name, attributes, first_cluster, len_bytes, modified_unix_secs }.encode()
        };
        if index == ROOT {
            if let Some(label) = label {
                bytes.extend(short(label, ATTRIBUTE_VOLUME_ID, 0, 0, None));
            }
        } else {
            // §6.5: the root is called cluster 0 here.
            let above = if directory.parent == ROOT { 0 } else { clusters.directories[directory.parent] };
            for (name, first) in [(DOT, clusters.directories[index]), (DOT_DOT, above)] {
                bytes.extend(short(name, ATTRIBUTE_DIRECTORY, first, 0, directory.modified_unix_secs));
            }
        }
        for (child, alias) in directory.children.iter().zip(directory.aliases()) {
            if !is_short(&child.name) {
                bytes.extend(encode_long(&child.name, &alias));
            }
            let hidden = |is_hidden| if is_hidden { ATTRIBUTE_HIDDEN } else { 0 };
            bytes.extend(match child.kind {
                ChildKind::Directory(index) => {
                    let child = &self.directories[index];
                    let attributes = ATTRIBUTE_DIRECTORY | hidden(child.is_hidden);
                    short(alias, attributes, clusters.directories[index], 0, child.modified_unix_secs)
                }
                ChildKind::File(index) => {
                    let node = &nodes[index];
                    let attributes = ATTRIBUTE_ARCHIVE | hidden(node.is_hidden);
                    let len_bytes = node.len_bytes() as u32;
                    short(alias, attributes, clusters.files[index], len_bytes, node.modified_unix_secs)
                }
            });
        }
        bytes
    }
}

impl Directory {
    fn new(path: String, parent: usize) -> Self {
        let children = Vec::new();
        Self { path, parent, is_hidden: false, modified_unix_secs: None, children, is_listed: false }
    }

    /// Of the children, in their order.
    fn aliases(&self) -> Vec<ShortName> {
        let mut aliases = Aliases::default();
        let exact: Vec<_> = self.children.iter().map(|child| exact_alias(&child.name)).collect();
        exact.iter().flatten().for_each(|alias| aliases.reserve(*alias));
        let children = self.children.iter().zip(exact);
        children.map(|(child, exact)| exact.unwrap_or_else(|| aliases.make_up(&child.name))).collect()
    }
}

impl Node {
    /// 0 for a directory.
    pub(super) fn len_bytes(&self) -> u64 {
        match self.kind {
            NodeKind::Directory => 0,
            NodeKind::File { len_bytes } => len_bytes,
        }
    }
}

struct Builder {
    directories: Vec<Directory>,
    /// By directory and folded name: the place among that directory's children.
    children: HashMap<(usize, String), usize>,
}

impl Builder {
    fn add(&mut self, nodes: &[Node], index: usize, node: &Node) -> Result<(), LayoutError> {
        let path = node.path.as_str();
        if path.matches('/').count() >= MAX_DEPTH {
            let problem = "lies more than 64 directories deep";
            return Err(LayoutError::BadName { path: path.to_owned(), problem });
        }
        let mut parent = ROOT;
        for (end, _) in path.match_indices('/') {
            parent = self.directory(nodes, parent, &path[..end])?;
        }
        match node.kind {
            NodeKind::Directory => {
                let index = self.directory(nodes, parent, path)?;
                let directory = &mut self.directories[index];
                if directory.is_listed {
                    return Err(same_name(path, path));
                }
                directory.is_listed = true;
                directory.is_hidden = node.is_hidden;
                directory.modified_unix_secs = node.modified_unix_secs;
            }
            NodeKind::File { len_bytes } => {
                if len_bytes > u32::MAX.into() {
                    return Err(LayoutError::FileTooLarge { path: path.to_owned(), len_bytes });
                }
                if let Some(other) = self.child(parent, path) {
                    return Err(match other.kind {
                        ChildKind::Directory(_) => LayoutError::FileAndDirectory { path: path.to_owned() },
                        ChildKind::File(other) => same_name(path, &nodes[other].path),
                    });
                }
                self.add_child(parent, path, ChildKind::File(index))?;
            }
        }
        Ok(())
    }

    /// The directory at `path`, made if it is not there yet.
    fn directory(&mut self, nodes: &[Node], parent: usize, path: &str) -> Result<usize, LayoutError> {
        match self.child(parent, path).map(|child| child.kind) {
            Some(ChildKind::Directory(index)) if self.directories[index].path == path => Ok(index),
            Some(ChildKind::Directory(index)) => Err(same_name(path, &self.directories[index].path)),
            Some(ChildKind::File(index)) => {
                Err(LayoutError::FileAndDirectory { path: nodes[index].path.clone() })
            }
            None => {
                let index = self.directories.len();
                self.add_child(parent, path, ChildKind::Directory(index))?;
                self.directories.push(Directory::new(path.to_owned(), parent));
                Ok(index)
            }
        }
    }

    fn child(&self, parent: usize, path: &str) -> Option<&Child> {
        let place = *self.children.get(&(parent, name::folded(last_name(path))))?;
        self.directories[parent].children.get(place)
    }

    fn add_child(&mut self, parent: usize, path: &str, kind: ChildKind) -> Result<(), LayoutError> {
        let name = last_name(path);
        name::check(name, path)?;
        let children = &mut self.directories[parent].children;
        self.children.insert((parent, name::folded(name)), children.len());
        children.push(Child { name: name.to_owned(), kind });
        Ok(())
    }
}

fn same_name(path: &str, other: &str) -> LayoutError {
    LayoutError::SameName { path: path.to_owned(), other: other.to_owned() }
}

fn last_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(path: &str) -> Node {
        let (path, kind) = match path.strip_suffix('/') {
            Some(path) => (path, NodeKind::Directory),
            None => (path, NodeKind::File { len_bytes: 1 }),
        };
        Node { path: path.to_owned(), kind, modified_unix_secs: None, is_hidden: false }
    }

    fn build(paths: &[&str]) -> Result<Tree, LayoutError> {
        let nodes: Vec<Node> = paths.iter().map(|path| node(path)).collect();
        Tree::build(&nodes, false)
    }

    #[test]
    fn parents_are_made_once() {
        let tree = build(&["a/b/c", "a/", "a/b/d", "e/", "a/f"]).unwrap();
        let paths: Vec<_> = tree.directories.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["", "a", "a/b", "e"]);
        assert_eq!(tree.directories[1].children.len(), 2);
    }

    #[test]
    fn clashes_have_their_own_errors() {
        let same = |path: &str, other: &str| same_name(path, other);
        let both = |path: &str| LayoutError::FileAndDirectory { path: path.to_owned() };
        for (paths, expected) in [
            (&["a", "A"][..], same("A", "a")),
            (&["a", "a"], same("a", "a")),
            (&["x/Ä", "x/ä"], same("x/ä", "x/Ä")),
            (&["boot/a", "Boot/b"], same("Boot", "boot")),
            (&["a/", "a/"], same("a", "a")),
            (&["a/", "a"], both("a")),
            (&["a/b", "A"], both("A")),
            (&["a", "a/"], both("a")),
            (&["A", "a/b"], both("A")),
        ] {
            assert_eq!(build(paths).unwrap_err(), expected, "{paths:?}");
        }
        for path in ["", "/a", "a//b", "a/../b", "a/.", &"d/".repeat(70)] {
            let error = build(&[path]).unwrap_err();
            assert!(matches!(error, LayoutError::BadName { .. }), "{path}: {error}");
        }
    }

    #[test]
    fn sizes_have_limits() {
        let mut file = node("dir/big");
        file.kind = NodeKind::File { len_bytes: u32::MAX.into() };
        Tree::build(&[file.clone()], true).unwrap();
        file.kind = NodeKind::File { len_bytes: 1 << 32 };
        let expected = LayoutError::FileTooLarge { path: "dir/big".to_owned(), len_bytes: 1 << 32 };
        assert_eq!(Tree::build(&[file], true).unwrap_err(), expected);

        let nodes = |count: usize| (0..count).map(|n| node(&format!("d/{n}"))).collect::<Vec<_>>();
        let tree = Tree::build(&nodes(65_534), true).unwrap();
        assert_eq!(tree.directory_bytes(1), 65_536 * 32);
        let expected = LayoutError::DirectoryTooLarge { path: "d".to_owned(), entries: 65_537 };
        assert_eq!(Tree::build(&nodes(65_535), true).unwrap_err(), expected);
    }
}
