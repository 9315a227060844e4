# ccwatch from this source tree.
{ lib, stdenv, rustPlatform, installShellFiles }:

rustPlatform.buildRustPackage {
  pname = "ccwatch";
  version = (lib.importTOML ../../Cargo.toml).package.version;
  src = lib.cleanSource ../..;
  cargoLock.lockFile = ../../Cargo.lock;
  buildType = "dist";

  nativeBuildInputs = [ installShellFiles ];

  # The whole suite starts servers, buses and desktops; the core's and the library's tests need none.
  cargoTestFlags = [ "--package" "ccwatch-core" "--package" "ccwatch" "--lib" ];

  postInstall = ''
    installManPage man/*.1
    installShellCompletion --bash completions/ccwatch.bash
    installShellCompletion --zsh completions/_ccwatch
    installShellCompletion --fish completions/ccwatch.fish
    install -Dm644 -t $out/share/icons/hicolor/scalable/apps assets/icons/hicolor/scalable/apps/*.svg
    install -Dm644 -t $out/share/doc/ccwatch README.md CHANGELOG.md config.example.toml docs/*.md
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
