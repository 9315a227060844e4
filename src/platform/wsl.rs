//! Windows Subsystem for Linux, where Windows shows the toasts and no Linux desktop need be there.

use std::fs;

/// Whether this is a Linux below Windows: by what its sessions have in their environment, which
/// services lack, and by its kernel, which containers share.
pub fn is_wsl() -> bool {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    std::env::var_os("WSL_DISTRO_NAME").is_some() || is_kernel(&kernel)
}

fn is_kernel(release: &str) -> bool {
    release.to_ascii_lowercase().contains("microsoft")
}

#[cfg(test)]
mod tests {
    use super::is_kernel;

    #[test]
    fn kernels_of_windows_say_so() {
        assert!(is_kernel("5.15.153.1-microsoft-standard-WSL2\n"));
        assert!(is_kernel("4.4.0-19041-Microsoft\n"));
        assert!(!is_kernel("6.1.0-18-amd64\n"));
    }
}
