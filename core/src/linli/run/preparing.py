"""What must be done before anybody is served: migrations, and the tenants of the profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from linli.db.database import Database
from linli.db.encryption import Vault, load_master_keys
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.errors import LinliError
from linli.files.opening import open_store
from linli.privacy.starting import prepare_master_keys
from linli.registry import Composition, installed_composition
from linli.run.words import Voice
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue
from linli.tenancy.faults import BrokenProfile
from linli.tenancy.provisioning import Outcome, apply_profile
from linli.tenancy.sequence import in_order

TENANTS_FOLDER: Final = "tenants"
_FAULTS_TOLD_MAX: Final = 10
_WORDS: Final = {Outcome.CREATED: "已创建", Outcome.UPDATED: "已更新", Outcome.UNCHANGED: "无变化"}


async def prepare_data(settings: Settings, voice: Voice) -> Composition:
    """Migrate the database and apply every profile; what is up to date already is left alone.

    A broken profile is reported, and the others go on. Raises: what a migration raises,
    MasterKeyMissing.
    """
    composition = installed_composition()
    for quarantine in composition.quarantined.values():
        voice.detail(f"插件停用 quarantined: {quarantine.name}: {quarantine.sentence}")
    assert settings.database_url is not None
    voice.step("正在检查数据库结构", "Checking the database's structure")
    sets = [*KERNEL_MIGRATIONS, *composition.migration_sets]
    count = await migrate(settings.database_url, sets, secret_key=settings.secret_key, progress=voice.detail)
    if count:
        voice.detail(f"{count} migrations applied")
    await prepare_master_keys(settings, settings.database_url, lambda path: _tell_of_keys(path, voice))
    directory = tenants_directory(settings)
    if directory is None:
        voice.step("没有租户目录，跳过", "There is no folder of tenant profiles; skipped")
        return composition
    await _apply_profiles(settings, composition, directory, voice)
    return composition


def tenants_directory(settings: Settings) -> Path | None:
    """The folder of the profiles: the one that is set, else `tenants/` here; None when there is none."""
    directory = settings.tenants_dir or Path.cwd() / TENANTS_FOLDER
    return directory if directory.is_dir() else None


async def _apply_profiles(
    settings: Settings, composition: Composition, directory: Path, voice: Voice
) -> None:
    assert settings.database_url is not None
    found = _profiles(directory, composition, voice)
    voice.step(f"正在准备 {len(found)} 个租户", f"Preparing {len(found)} tenants")
    vault = Vault(load_master_keys(settings))
    async with Database(
        settings.database_url,
        secret_key=settings.secret_key,
        pool_size_max=4,
        vault=vault,
        store=open_store(settings),
    ) as database:
        catalogue = Catalogue(database)
        for number, path in enumerate(found, start=1):
            try:
                report = await apply_profile(database, catalogue, composition, path, progress=voice.detail)
            except LinliError as error:
                _report(path, error, composition, voice)
                continue
            word = _WORDS[report.outcome]
            voice.detail(
                f"{number}/{len(found)} {report.slug}: {word} {report.outcome} ({report.seconds:.1f} s)"
            )


def _tell_of_keys(path: str, voice: Voice) -> None:
    voice.step(
        f"已生成主密钥 {path}，请另行备份", f"A master key was made: back {path} up, apart from the database"
    )


def _profiles(directory: Path, composition: Composition, voice: Voice) -> list[Path]:
    """The profiles of a folder, parents first; what cannot be read is among them, and told when its turn comes."""
    try:
        return in_order([directory])
    except BrokenProfile as error:  # there is no profile at all
        _report(directory, error, composition, voice)
        return []


def _report(path: Path, error: LinliError, composition: Composition, voice: Voice) -> None:
    """Say what is wrong with a profile. It changed nothing; the other tenants are served all the same."""
    texts = composition.plugin_set(composition.names).texts
    voice.failure(
        f"租户 {path.name} 未能准备，保持原样", f"{path.name} could not be prepared and is as it was"
    )
    faults = error.faults if isinstance(error, BrokenProfile) else ()
    for fault in faults[:_FAULTS_TOLD_MAX]:
        reason = texts.translate(f"problems.{fault.code}", "zh-CN", **fault.details)
        voice.failure(f"{fault.file}:{fault.line}", f"{reason} [{fault.code}]")
    if not faults:
        voice.failure(texts.translate(f"problems.{error.code}", "zh-CN", **error.details), str(error))
