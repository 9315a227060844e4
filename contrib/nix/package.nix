# ccwatch from this source tree.
{ lib, stdenv, rustPlatform, installShellFiles }:

rustPlatform.buildRustPackage {
  pname = "ccwatch";
  version = (lib.importTOML ../../Cargo.toml).package.version;
  src = lib.cleanSource ../..;
  cargoLock.lockFile = ../../Cargo.lock;
  buildType = "dist";

  nativeBuildInputs = [ installShellFiles ];

  # The whole suite starts servers, buses and desktops; the core's tests need nothing.
  cargoTestFlags = [ "--package" "ccwatch-core" ];
  checkType = "debug";

  postInstall = ''
    installManPage man/*.1
    installShellCompletion --bash completions/ccwatch.bash
    installShellCompletion --zsh completions/_ccwatch
    installShellCompletion --fish completions/ccwatch.fish
    install -Dm644 -t $out/share/icons/hicolor/scalable/apps assets/icons/hicolor/scalable/apps/*.svg
    # The pages lie as they lie in the sources, so that their links lead somewhere.
    doc=$out/share/doc/ccwatch
    install -Dm644 -t $doc README.md CHANGELOG.md SECURITY.md config.example.toml LICENSE-* THIRD-PARTY-LICENSES.txt
    install -Dm644 -t $doc/docs docs/*.*
    install -Dm644 -t $doc/systemd systemd/strict.conf
    mkdir $doc/contrib && cp -r contrib/{nginx,prometheus,wsl} $doc/contrib
    cp -r claude-code $doc
  '' + lib.optionalString stdenv.hostPlatform.isLinux ''
    install -Dm644 systemd/ccwatch.service $out/share/systemd/user/ccwatch.service
    substituteInPlace $out/share/systemd/user/ccwatch.service --replace-fail /usr/bin/ccwatch $out/bin/ccwatch
  '';

  meta = {
    description = "Is it Claude, or is it me? Watches status.claude.com and says when to wait and when to retry";
    homepage = "https://github.com/ccwatch/ccwatch";
    license = with lib.licenses; [ mit asl20 ];
    mainProgram = "ccwatch";
    platforms = lib.platforms.linux ++ lib.platforms.darwin;
  };
}
