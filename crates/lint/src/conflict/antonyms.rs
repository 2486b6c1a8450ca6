//! The lexicon: words that say the opposite of each other, and words that say the same. Data only; the words are
//! looked up by their stems, so each stands here in one form.

use crate::conflict::quantity;

/// Groups of words that are taken for one; the first stands for all. Kept short: a wrong synonym makes two different
/// criteria look alike.
pub(crate) const SAME: &[&str] = &[
    "show display render",
    "delete remove erase",
    "click press tap",
    "create generate",
    "start begin launch",
    "stop halt",
    "end finish",
    "return respond",
    "allow permit let",
    "deny forbid disallow prohibit",
    "reject refuse decline",
    "hide conceal hidden",
    "save store persist",
    "retain keep preserve maintain",
    "skip bypass",
    "error errors",
    "success successful successfully",
    "failure failed",
    "user users",
    "omit exclude",
    "contain include",
    "emit output print",
    "synchronous synchronously sync blocking",
    "asynchronous asynchronously async non-blocking background",
    "automatic automatically auto",
    "manual manually",
    "permanent permanently",
    "temporary temporarily",
    "immediate immediately instantly",
    "encrypted encrypt",
    "authorized authorised",
    "unauthorized unauthorised",
    "authenticate authenticated",
    "optional optionally",
    "mandatory required",
    "sequential sequentially serially",
    "parallel concurrently",
    "visible visibly",
    "empty blank",
    "ignore disregard",
];

/// English opposites, `a/b` each. Only words for which `a` and `b` of one thing at one time cannot both be wanted.
const ENGLISH: &str = "\
    enable/disable enabled/disabled activate/deactivate active/inactive show/hide show/invisible visible/hide visible/invisible \
    allow/deny allow/block allow/prevent allow/reject permit/deny accept/reject accept/deny accept/ignore \
    accept/block accept/discard grant/revoke grant/deny approve/reject approve/deny approve/block \
    include/exclude contain/exclude add/delete insert/delete create/delete create/destroy append/overwrite \
    append/prepend append/replace prepend/replace retain/delete retain/discard retain/clear retain/overwrite \
    retain/replace save/discard save/delete keep/drop keep/discard preserve/overwrite restore/delete restore/discard \
    start/stop start/end start/pause resume/pause resume/stop continue/stop continue/abort continue/terminate \
    continue/pause continue/exit continue/fail proceed/stop proceed/abort proceed/halt open/close expand/collapse \
    lock/unlock mount/unmount install/uninstall register/unregister register/deregister subscribe/unsubscribe \
    connect/disconnect attach/detach bind/unbind link/unlink select/deselect check/uncheck pin/unpin mute/unmute \
    follow/unfollow archive/unarchive publish/unpublish assign/unassign mark/unmark block/unblock freeze/unfreeze \
    hard/soft sync/async synchronous/asynchronous ascending/descending before/after first/last earliest/latest \
    newest/oldest oldest/latest top/bottom left/right above/below up/down upper/lower uppercase/lowercase head/tail \
    front/back prefix/suffix horizontal/vertical increase/decrease increment/decrement raise/lower grow/shrink \
    maximum/minimum maximize/minimize maximise/minimise max/min more/less higher/lower longer/shorter \
    larger/smaller greater/smaller faster/slower high/low most/least \
    encrypt/decrypt encrypted/plaintext encrypted/unencrypted encrypt/plain hashed/plaintext compress/decompress \
    encode/decode serialize/deserialize serialise/deserialise pack/unpack \
    mandatory/optional require/forbid require/deny required/optional mandatory/forbidden require/skip require/ignore \
    public/private internal/external global/local local/remote shared/private client/server online/offline \
    persistent/volatile persistent/ephemeral permanent/temporary permanent/ephemeral static/dynamic mutable/immutable \
    read-only/writable readonly/writable editable/read-only editable/readonly \
    automatic/manual strict/lenient strict/tolerant strict/permissive explicit/implicit exact/approximate \
    case-sensitive/case-insensitive sensitive/insensitive inclusive/exclusive unique/duplicate \
    valid/invalid present/absent available/unavailable exist/missing found/missing known/unknown \
    success/failure pass/fail succeed/fail true/false yes/no on/off login/logout loginsout/signout signin/signout \
    turnon/turnoff optin/optout zoomin/zoomout \
    positive/negative empty/non-empty full/empty complete/incomplete complete/partial whole/partial \
    authorized/unauthorized authenticated/unauthenticated authenticated/anonymous trusted/untrusted safe/unsafe \
    secure/insecure signed/unsigned verified/unverified supported/unsupported \
    immediately/later immediate/delayed immediate/deferred eager/lazy eagerly/lazily now/later early/late \
    parallel/sequential concurrent/sequential batch/streaming push/pull send/receive upload/download \
    import/export read/write load/unload commit/rollback merge/split join/leave enter/exit push/pop \
    apply/ignore apply/skip apply/revert enforce/ignore enforce/relax enforce/skip validate/ignore verify/skip \
    validate/skip run/skip execute/skip process/skip process/ignore process/reject handle/ignore report/suppress \
    report/ignore report/hide log/suppress emit/suppress warn/suppress notify/suppress print/suppress record/discard \
    record/suppress display/suppress show/suppress present/suppress present/hide provide/withhold \
    redact/reveal redact/show mask/reveal mask/show mask/unmask expose/hide reveal/hide \
    raise/suppress throw/swallow throw/suppress retry/abandon retry/abort prevent/permit prevent/enable \
    support/reject support/forbid use/avoid follow/ignore consider/ignore detect/ignore \
    confirm/deny confirm/cancel submit/cancel commit/abort wait/proceed blocking/non-blocking \
    cache/bypass overwrite/retain fail/continue halt/continue warn/abort merge/overwrite \
    light/dark single/multiple odd/even major/minor internal/public forward/backward next/previous \
    inside/outside with/without all/none always/never everything/nothing \
    acknowledge/ignore honor/ignore honour/ignore respect/ignore update/freeze track/ignore monitor/ignore \
    focus/blur inherit/override default/override truncate/retain wrap/truncate";

/// Opposites of other languages.
const OTHER: &str = "\
    有効/無効 表示/非表示 表示/隠 許可/拒否 許可/禁止 承認/却下 承認/拒否 受理/拒否 追加/削除 作成/削除 保存/破棄 保持/破棄 保持/削除 開始/停止 開始/終了 \
    再開/停止 継続/中断 継続/停止 開く/閉じる 展開/折りたた ロック/アンロック 接続/切断 昇順/降順 増加/減少 最大/最小 最初/最後 前/後 公開/非公開 必須/任意 同期/非同期 \
    自動/手動 成功/失敗 暗号化/平文 含む/除外 含める/除外 オン/オフ ログイン/ログアウト 有/無 正常/異常 \
    启用/禁用 显示/隐藏 允许/禁止 允许/拒绝 接受/拒绝 批准/拒绝 添加/删除 新增/删除 创建/删除 保留/删除 保留/丢弃 保存/丢弃 保存/删除 开始/停止 启动/停止 继续/停止 \
    继续/中止 打开/关闭 开启/关闭 展开/折叠 锁定/解锁 连接/断开 升序/降序 增加/减少 最大/最小 第一/最后 之前/之后 公开/私有 必填/可选 必须/可选 同步/异步 自动/手动 \
    成功/失败 加密/明文 包含/排除 有效/无效 登录/登出 在线/离线 写入/读取 硬删除/软删除 \
    활성화/비활성화 표시/숨김 표시/숨기 허용/거부 허용/차단 허용/금지 승인/거부 승인/반려 추가/삭제 생성/삭제 보존/삭제 저장/삭제 시작/중지 시작/종료 계속/중단 열기/닫기 \
    열/닫 잠금/해제 연결/해제 오름차순/내림차순 증가/감소 최대/최소 이전/이후 공개/비공개 필수/선택 동기/비동기 자동/수동 성공/실패 암호화/평문 포함/제외 로그인/로그아웃 \
    включить/отключить включать/отключать включает/отключает показать/скрыть показывать/скрывать показывает/скрывает \
    разрешить/запретить разрешать/запрещать разрешает/запрещает принять/отклонить принимать/отклонять \
    принимает/отклоняет добавить/удалить добавлять/удалять создать/удалить создавать/удалять сохранить/удалить \
    сохранять/удалять начать/остановить запустить/остановить запускать/останавливать открыть/закрыть \
    открывать/закрывать возрастанию/убыванию увеличить/уменьшить увеличивать/уменьшать до/после \
    обязательный/необязательный обязательно/необязательно успешно/неуспешно автоматически/вручную \
    синхронно/асинхронно публичный/приватный блокировать/разблокировать \
    habilitar/deshabilitar activar/desactivar mostrar/ocultar permitir/denegar permitir/bloquear permitir/rechazar \
    aceptar/rechazar aprobar/rechazar añadir/eliminar agregar/eliminar crear/eliminar guardar/eliminar \
    guardar/descartar conservar/eliminar iniciar/detener continuar/detener abrir/cerrar bloquear/desbloquear \
    conectar/desconectar ascendente/descendente aumentar/disminuir aumentar/reducir antes/después incluir/excluir \
    obligatorio/opcional automáticamente/manualmente síncrono/asíncrono público/privado cifrar/descifrar \
    habilitar/desabilitar ativar/desativar exibir/ocultar permitir/negar aceitar/rejeitar aprovar/rejeitar \
    adicionar/remover criar/excluir salvar/descartar manter/descartar iniciar/parar continuar/parar abrir/fechar \
    bloquear/desbloquear crescente/decrescente aumentar/diminuir antes/depois obrigatório/opcional \
    aktivieren/deaktivieren anzeigen/ausblenden anzeigen/verbergen erlauben/verbieten erlauben/verweigern \
    zulassen/verhindern zulassen/blockieren akzeptieren/ablehnen annehmen/ablehnen genehmigen/ablehnen \
    hinzufügen/entfernen erstellen/löschen speichern/löschen speichern/verwerfen behalten/löschen behalten/verwerfen \
    starten/stoppen fortsetzen/abbrechen öffnen/schließen sperren/entsperren verbinden/trennen \
    aufsteigend/absteigend erhöhen/verringern vor/nach einschließen/ausschließen erforderlich/optional \
    automatisch/manuell synchron/asynchron verschlüsseln/entschlüsseln öffentlich/privat \
    activer/désactiver afficher/masquer afficher/cacher autoriser/refuser autoriser/interdire permettre/interdire \
    accepter/refuser accepter/rejeter approuver/rejeter ajouter/supprimer créer/supprimer enregistrer/supprimer \
    conserver/supprimer démarrer/arrêter continuer/arrêter ouvrir/fermer verrouiller/déverrouiller \
    connecter/déconnecter croissant/décroissant augmenter/diminuer avant/après inclure/exclure \
    obligatoire/facultatif automatiquement/manuellement synchrone/asynchrone chiffrer/déchiffrer public/privé";

/// Every pair of opposites.
pub(crate) fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENGLISH.split_whitespace().chain(OTHER.split_whitespace()).filter_map(|pair| pair.split_once('/'))
}

/// Words of scripts without spaces that have to be kept whole when a text is split: opposites, negators, modals,
/// units.
pub(crate) fn cjk_words() -> impl Iterator<Item = &'static str> {
    const WHOLE: &str = "\
        ない ません しない せず ずに してはならない してはいけない てはならない てはいけない ではならない なかった ものとしない なければならない なければいけない だけでなく する した \
        して される された こと もの ため よう また および 及び または 場合 とき 時に もし ならば システム \
        不 不得 不应 不应该 不应当 不能 不可 不会 不允许 禁止 不要 未 没有 不該 不應 不同 不仅 不足 不变 应 应当 应该 必须 须 将 会 和 或 并 与 在 是 \
        当 如果 若 時 时 则 系统 系統 \
        않 않아야 않는다 않고 안 못 없 금지 한다 해야 하여야 하다 및 또는 경우 시스템";
    let words = OTHER.split_whitespace().flat_map(|pair| pair.split('/'));
    words.chain(WHOLE.split_whitespace()).chain(quantity::cjk_words()).filter(|word| !word.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::words;

    #[test]
    fn there_are_enough_pairs_and_none_is_its_own_opposite() {
        assert!(ENGLISH.split_whitespace().count() >= 150);
        for (left, right) in pairs() {
            let of = |word: &str| words::lexicon().canonical(&words::stem(word));
            assert_ne!(of(left), of(right), "{left}/{right}");
        }
    }
}
