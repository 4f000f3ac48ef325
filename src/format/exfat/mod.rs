//! exFAT, as Microsoft's specification of the file system (revision 1.00) says it.

pub mod layout;
