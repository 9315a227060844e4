# The user service under Home Manager:
#
#   imports = [ ccwatch.homeManagerModules.default ];
#   services.ccwatch = { enable = true; settings.watch.components = [ "Claude Code" ]; };
self: { config, lib, pkgs, ... }:

let
  cfg = config.services.ccwatch;
  toml = pkgs.formats.toml { };
  program = lib.getExe cfg.package;
  inherit (pkgs.stdenv.hostPlatform) isLinux isDarwin;
  isConfigured = cfg.settings != { };
  # A mistake ends the build of the home, not the service.
  configuration = pkgs.runCommand "ccwatch.toml" { } ''
    cp ${toml.generate "ccwatch.toml" cfg.settings} $out
    HOME=$TMPDIR ${program} config check $out
  '';
in
{
  options.services.ccwatch = {
    enable = lib.mkEnableOption "ccwatch, which says when to wait for Claude and when to retry";

    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.ccwatch;
      defaultText = lib.literalExpression "ccwatch.packages.\${pkgs.stdenv.hostPlatform.system}.ccwatch";
      description = "The package that is run.";
    };

    settings = lib.mkOption {
      type = toml.type;
      default = { };
      example = { watch.components = [ "Claude Code" ]; notify.critical_from = "never"; };
      description = "What becomes config.toml; config.example.toml has every key. Empty: the defaults.";
    };
  };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];

    # Where ccwatch looks for it.
    xdg.configFile."ccwatch/config.toml" = lib.mkIf (isConfigured && isLinux) { source = configuration; };
    home.file."Library/Application Support/ccwatch/config.toml" =
      lib.mkIf (isConfigured && isDarwin) { source = configuration; };

    systemd.user.services.ccwatch = lib.mkIf isLinux {
      Unit = {
        Description = "Watch the Claude status page";
        Documentation = "https://github.com/ccwatch/ccwatch";
        StartLimitIntervalSec = "10min";
        StartLimitBurst = 10;
        X-Restart-Triggers = lib.optional isConfigured "${configuration}";
      };
      Service = {
        Type = "notify";
        NotifyAccess = "main";
        ExecStart = "${program} run";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        Restart = "on-failure";
        RestartSec = "5s";
        # 64: wrong command line, 78: wrong configuration. Trying again can't help.
        RestartPreventExitStatus = "64 78";
        TimeoutStartSec = "30s";
        TimeoutStopSec = "10s";
        WatchdogSec = "5min";
        TimerSlackNSec = "500ms";
        UMask = "0077";
        NoNewPrivileges = true;
        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
        SystemCallArchitectures = "native";
        SystemCallFilter = [
          "@system-service"
          "~@privileged"
          "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
        ];
        SystemCallErrorNumber = "EPERM";
      };
      Install.WantedBy = [ "default.target" ];
    };

    launchd.agents.ccwatch = lib.mkIf isDarwin {
      enable = true;
      config = {
        ProgramArguments = [ program "run" "--log-file" "${config.home.homeDirectory}/Library/Logs/ccwatch/ccwatch.log" ];
        RunAtLoad = true;
        KeepAlive.SuccessfulExit = false;
        ThrottleInterval = 30;
        ExitTimeOut = 10;
        ProcessType = "Background";
        LimitLoadToSessionType = "Aqua";
        Umask = 63;
      };
    };
  };
}
