{
  description = "Is it Claude, or is it me? Watches status.claude.com and says when to wait and when to retry";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: rec {
        ccwatch = pkgs.callPackage ./contrib/nix/package.nix { };
        default = ccwatch;
      });

      homeManagerModules = rec {
        ccwatch = import ./contrib/nix/home-manager.nix self;
        default = ccwatch;
      };

      devShells = each (pkgs: {
        default = pkgs.mkShell { packages = [ pkgs.cargo pkgs.rustc pkgs.clippy pkgs.rustfmt ]; };
      });

      checks = each (pkgs: { inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) ccwatch; });
    };
}
