//! A PDF file while it is made: its pages, what is on them and what that is, for those who listen, and the way to each part.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{StructRole, TableHeaderScope};
use pdf_writer::{Content, Filter, Finish, Name, Rect, Ref, TextStr};

use super::canvas::Canvas;
use super::typeface;
use crate::language::Language;

/// What a part of the file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    Section,
    /// From one to three.
    Heading(u8),
    Paragraph,
    /// With its description.
    Figure(String),
    Table,
    Row,
    ColumnHeader,
    RowHeader,
    /// Of the rows below it, over so many columns.
    GroupHeader(usize),
    Cell,
    List,
    ListItem,
    Contents,
    ContentsItem,
}

/// An entry of the outline: its level from zero, its text, and where it leads.
#[derive(Clone, Debug)]
pub struct Entry {
    pub level: usize,
    pub title: String,
    pub page: usize,
    pub top: f64,
}

struct Tag {
    role: Role,
    parent: Option<usize>,
    kids: Vec<Kid>,
}

enum Kid {
    Tag(usize),
    /// What a page has under this number.
    Marked {
        page: usize,
        number: i32,
    },
}

struct Page {
    size: [f64; 2],
    content: Content,
    /// The bytes of the content, once all is drawn.
    drawn: Vec<u8>,
    /// The tags of what is marked on it, in order.
    marked: Vec<usize>,
    /// Where a click leads to: place, page and height there.
    links: Vec<([f64; 4], usize, f64)>,
}

pub struct Pdf {
    title: String,
    language: Language,
    pages: Vec<Page>,
    tags: Vec<Tag>,
    outline: Vec<Entry>,
}

impl Pdf {
    pub fn new(title: &str, language: Language) -> Self {
        Self { title: title.to_owned(), language, pages: Vec::new(), tags: Vec::new(), outline: Vec::new() }
    }

    /// A new page; returns its place.
    pub fn page(&mut self, size: [f64; 2]) -> usize {
        let mut content = Content::new();
        content.transform([1.0, 0.0, 0.0, -1.0, 0.0, size[1] as f32]);
        self.pages.push(Page { size, content, drawn: Vec::new(), marked: Vec::new(), links: Vec::new() });
        self.pages.len() - 1
    }

    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    pub fn tag(&mut self, parent: Option<usize>, role: Role) -> usize {
        let at = self.tags.len();
        self.tags.push(Tag { role, parent, kids: Vec::new() });
        if let Some(parent) = parent {
            self.tags[parent].kids.push(Kid::Tag(at));
        }
        at
    }

    /// Draws on a page; without a tag it is what every page has, such as its number.
    pub fn write(&mut self, page: usize, tag: Option<usize>, draw: impl FnOnce(&mut Canvas<'_>)) {
        let Page { content, marked, .. } = &mut self.pages[page];
        match tag {
            Some(tag) => {
                let number = marked.len() as i32;
                marked.push(tag);
                self.tags[tag].kids.push(Kid::Marked { page, number });
                let (name, _) = role(&self.tags[tag].role);
                content.begin_marked_content_with_properties(Name(name)).properties().identify(number);
            }
            None => {
                content.begin_marked_content(Name(b"Artifact"));
            }
        }
        draw(&mut Canvas { content });
        content.end_marked_content();
    }

    pub fn link(&mut self, page: usize, place: [f64; 4], to: usize, top: f64) {
        self.pages[page].links.push((place, to, top));
    }

    pub fn entry(&mut self, entry: Entry) {
        self.outline.push(entry);
    }

    pub fn finish(mut self) -> Vec<u8> {
        for page in &mut self.pages {
            page.drawn = std::mem::replace(&mut page.content, Content::new()).finish();
        }
        Writer::new(&self).finish()
    }
}

/// Deflated; in memory that cannot fail.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    assert!(written.is_ok(), "bytes can be deflated in memory");
    written.unwrap_or_default()
}

/// The name of a role in a page, and in the structure.
fn role(role: &Role) -> (&'static [u8], StructRole) {
    match role {
        Role::Section => (b"Sect", StructRole::Sect),
        Role::Heading(1) => (b"H1", StructRole::H1),
        Role::Heading(2) => (b"H2", StructRole::H2),
        Role::Heading(_) => (b"H3", StructRole::H3),
        Role::Paragraph => (b"P", StructRole::P),
        Role::Figure(_) => (b"Figure", StructRole::Figure),
        Role::Table => (b"Table", StructRole::Table),
        Role::Row => (b"TR", StructRole::TR),
        Role::ColumnHeader | Role::RowHeader | Role::GroupHeader(_) => (b"TH", StructRole::TH),
        Role::Cell => (b"TD", StructRole::TD),
        Role::List => (b"L", StructRole::L),
        Role::ListItem => (b"LI", StructRole::LI),
        Role::Contents => (b"TOC", StructRole::TOC),
        Role::ContentsItem => (b"TOCI", StructRole::TOCI),
    }
}

/// The numbers of objects, all known before the first is written.
struct Writer<'a> {
    file: &'a Pdf,
    pdf: pdf_writer::Pdf,
    next: i32,
    catalog: Ref,
    page_tree: Ref,
    pages: Vec<Ref>,
    root: Ref,
    document: Ref,
    tags: Vec<Ref>,
    fonts: [Ref; 2],
    outline: Ref,
    entries: Vec<Ref>,
}

impl<'a> Writer<'a> {
    fn new(file: &'a Pdf) -> Self {
        let mut next = 0;
        let mut one = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, page_tree, root, document, outline) = (one(), one(), one(), one(), one());
        let fonts = [one(), one()];
        let pages = file.pages.iter().map(|_| one()).collect();
        let tags = file.tags.iter().map(|_| one()).collect();
        let entries = file.outline.iter().map(|_| one()).collect();
        Self { file, pdf: pdf_writer::Pdf::new(), next, catalog, page_tree, pages, root, document, tags, fonts, outline, entries }
    }

    fn number(&mut self) -> Ref {
        self.next += 1;
        Ref::new(self.next)
    }

    fn finish(mut self) -> Vec<u8> {
        self.catalog();
        for ((weight, _, name), font) in typeface::WEIGHTS.into_iter().zip(self.fonts) {
            let numbers = [font, self.number(), self.number(), self.number(), self.number()];
            typeface::write(&mut self.pdf, numbers, weight, name);
        }
        for at in 0..self.file.pages.len() {
            self.page(at);
        }
        self.structure();
        self.outline();
        self.pdf.finish()
    }

    fn catalog(&mut self) {
        let information = self.number();
        let title = TextStr(&self.file.title);
        self.pdf.document_info(information).title(title).producer(TextStr(env!("CARGO_PKG_NAME")));
        let mut catalog = self.pdf.catalog(self.catalog);
        catalog.pages(self.page_tree).lang(TextStr(self.file.language.code()));
        catalog.mark_info().marked(true);
        catalog.viewer_preferences().display_doc_title(true);
        catalog.pair(Name(b"StructTreeRoot"), self.root);
        if !self.entries.is_empty() {
            catalog.outlines(self.outline);
        }
        catalog.finish();
        self.pdf.pages(self.page_tree).kids(self.pages.iter().copied()).count(self.pages.len() as i32);
    }

    fn page(&mut self, at: usize) {
        let content = self.number();
        let page = &self.file.pages[at];
        let links: Vec<Ref> = page.links.iter().map(|_| self.number()).collect();
        let mut written = self.pdf.page(self.pages[at]);
        written.parent(self.page_tree).media_box(Rect::new(0.0, 0.0, page.size[0] as f32, page.size[1] as f32));
        written.contents(content).struct_parents(at as i32);
        written.pair(Name(b"Tabs"), Name(b"S"));
        if !links.is_empty() {
            written.annotations(links.iter().copied());
        }
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        for ((_, name, _), font) in typeface::WEIGHTS.into_iter().zip(self.fonts) {
            fonts.pair(Name(name.as_bytes()), font);
        }
        fonts.finish();
        resources.finish();
        written.finish();
        for (number, ([x, y, width, height], to, top)) in links.into_iter().zip(&page.links) {
            let up = |y: f64| (page.size[1] - y) as f32;
            let mut link = self.pdf.annotation(number);
            link.subtype(pdf_writer::types::AnnotationType::Link);
            link.rect(Rect::new(*x as f32, up(y + height), (x + width) as f32, up(*y))).border(0.0, 0.0, 0.0, None);
            let height = (self.file.pages[*to].size[1] - top) as f32;
            link.insert(Name(b"Dest")).array().item(self.pages[*to]).item(Name(b"XYZ")).item(0.0).item(height).item(0.0);
        }
        let bytes = deflate(&page.drawn);
        self.pdf.stream(content, &bytes).filter(Filter::FlateDecode);
    }

    /// The tree of tags, and for every page the tag of each mark.
    fn structure(&mut self) {
        let parents: Vec<Ref> = self.file.pages.iter().map(|_| self.number()).collect();
        let mut root = self.pdf.indirect(self.root).start::<pdf_writer::writers::StructTreeRoot<'_>>();
        root.child(self.document);
        let mut tree = root.parent_tree();
        let mut numbers = tree.nums();
        for (page, tags) in parents.iter().enumerate() {
            numbers.insert(page as i32, *tags);
        }
        numbers.finish();
        tree.finish();
        root.parent_tree_next_key(parents.len() as i32);
        root.finish();
        for (page, number) in self.file.pages.iter().zip(&parents) {
            self.pdf.indirect(*number).array().items(page.marked.iter().map(|tag| self.tags[*tag]));
        }
        let top = self.file.tags.iter().enumerate().filter(|(_, tag)| tag.parent.is_none()).map(|(at, _)| self.tags[at]);
        let mut document = self.pdf.struct_element(self.document);
        document.kind(StructRole::Document).parent(self.root);
        let mut kids = document.children();
        for tag in top {
            kids.struct_element(tag);
        }
        kids.finish();
        document.finish();
        for at in 0..self.file.tags.len() {
            self.structure_of(at);
        }
    }

    fn structure_of(&mut self, at: usize) {
        let tag = &self.file.tags[at];
        let mut element = self.pdf.struct_element(self.tags[at]);
        element.kind(role(&tag.role).1).parent(tag.parent.map_or(self.document, |parent| self.tags[parent]));
        if let Role::Figure(description) = &tag.role {
            element.alt(TextStr(description));
        }
        let scope = match tag.role {
            Role::ColumnHeader => Some(TableHeaderScope::Column),
            Role::RowHeader => Some(TableHeaderScope::Row),
            _ => None,
        };
        if let Some(scope) = scope {
            element.attributes().push().table().scope(scope);
        }
        if let Role::GroupHeader(columns) = tag.role {
            element.attributes().push().table().scope(TableHeaderScope::Row).col_span(columns as i32);
        }
        let mut kids = element.children();
        for kid in &tag.kids {
            match kid {
                Kid::Tag(at) => {
                    kids.struct_element(self.tags[*at]);
                }
                Kid::Marked { page, number } => {
                    kids.marked_content_ref().page(self.pages[*page]).marked_content_id(*number);
                }
            }
        }
        kids.finish();
        element.finish();
    }

    /// Entries of the first level with those of the second below them.
    fn outline(&mut self) {
        let entries = &self.file.outline;
        let parent = |at: usize| (0..at).rev().find(|before| entries[*before].level < entries[at].level);
        let siblings = |at: Option<usize>| -> Vec<usize> { (0..entries.len()).filter(|other| parent(*other) == at).collect() };
        let top = siblings(None);
        if let (Some(first), Some(last)) = (top.first(), top.last()) {
            self.pdf.outline(self.outline).first(self.entries[*first]).last(self.entries[*last]).count(top.len() as i32);
        }
        for (at, entry) in entries.iter().enumerate() {
            let (same, below) = (siblings(parent(at)), siblings(Some(at)));
            let place = same.iter().position(|other| *other == at).unwrap_or(0);
            let mut item = self.pdf.outline_item(self.entries[at]);
            item.title(TextStr(&entry.title)).parent(parent(at).map_or(self.outline, |at| self.entries[at]));
            if place > 0 {
                item.prev(self.entries[same[place - 1]]);
            }
            if let Some(next) = same.get(place + 1) {
                item.next(self.entries[*next]);
            }
            if let (Some(first), Some(last)) = (below.first(), below.last()) {
                // Closed at first.
                item.first(self.entries[*first]).last(self.entries[*last]).count(-(below.len() as i32));
            }
            let top = (self.file.pages[entry.page].size[1] - entry.top) as f32;
            item.dest().page(self.pages[entry.page]).xyz(0.0, top, None);
        }
    }
}
