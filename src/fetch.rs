//! One conditional GET.
