# The flake and its module for Home Manager, evaluated with a stand-in for nixpkgs: what needs no network of
# `nix flake check`. Whether a service, a configuration and a package come out is compared by lint-recipes.sh.
let
  lib = {
    genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
    importTOML = file: builtins.fromTOML (builtins.readFile file);
    cleanSource = path: path;
    optionalString = condition: text: if condition then text else "";
    optional = condition: one: if condition then [ one ] else [ ];
    licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
    platforms = { linux = [ "x86_64-linux" ]; darwin = [ "aarch64-darwin" ]; };
    getExe = package: "${package}/bin/${package.meta.mainProgram}";
    mkEnableOption = description: { inherit description; };
    mkOption = option: option;
    types.package = "package";
    literalExpression = text: text;
    mkIf = condition: settings: if condition then settings else { };
  };

  pkgsFor = system: rec {
    inherit lib;
    stdenv.hostPlatform = {
      inherit system;
      isLinux = builtins.match ".*-linux" system != null;
      isDarwin = builtins.match ".*-darwin" system != null;
    };
    rustPlatform.buildRustPackage = package: package // { outPath = "/nix/store/ccwatch"; };
    callPackage = file: _: import file { inherit lib stdenv rustPlatform; installShellFiles = "hook"; };
    mkShell = shell: shell;
    cargo = rustc; rustc = "rust"; clippy = rustc; rustfmt = rustc;
    coreutils = "/nix/store/coreutils";
    formats.toml = _: { type = "toml"; generate = name: _: "/nix/store/${name}"; };
    runCommand = name: _: _: "/nix/store/checked-${name}";
  };

  nixpkgs = { inherit lib; legacyPackages = lib.genAttrs systems pkgsFor; };
  systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
  self = (import ../flake.nix).outputs { inherit self nixpkgs; };

  home = system: (self.homeManagerModules.default {
    inherit lib;
    pkgs = pkgsFor system;
    config = {
      services.ccwatch = {
        enable = true;
        package = self.packages.${system}.ccwatch;
        settings.watch.components = [ "Claude Code" ];
      };
      home.homeDirectory = "/home/me";
    };
  }).config;
  linux = home "x86_64-linux";
  mac = home "aarch64-darwin";
in
{
  inherit (self.packages.x86_64-linux.default) version postInstall;
  shells = map (system: self.devShells.${system}.default) systems;
  checked = map (system: self.checks.${system}.ccwatch.version) systems;
  linux = [
    linux.systemd.user.services.ccwatch.Service.ExecStart
    linux.xdg.configFile."ccwatch/config.toml".source
    linux.launchd.agents.ccwatch
  ];
  mac = [
    (builtins.head mac.launchd.agents.ccwatch.config.ProgramArguments)
    mac.home.file."Library/Application Support/ccwatch/config.toml".source
    mac.systemd.user.services.ccwatch
  ];
}
