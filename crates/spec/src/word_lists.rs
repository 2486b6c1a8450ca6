//! The words themselves, language by language: one list per idea, words parted by `|` or a line end. Only data; how
//! they are compared is in `words`.
//!
//! All words stand here in the form that [`crate::words::fold`] gives: lower case, Latin letters without accents.

pub(crate) const TASKS_EXACT: &str = "
task list | tasklist | todo | todos | to do | to-do | todo list | implementation plan | work items
work breakdown | action items | backlog | implementation checklist | task breakdown | tasks breakdown
tasks & progress | tasks and progress | task checklist | tasks checklist | plan
タスク | タスクリスト | 作業 | 作業一覧 | 作業項目 | 作業リスト | 実装計画 | 実装手順 | 実装ステップ | やること
任务 | 任務 | 任务拆解 | 任务分解 | 任务拆分 | 任務拆解 | 任務分解 | 待办 | 待辦 | 待办事项 | 待辦事項
实施计划 | 實施計畫 | 实现计划 | 實作計畫 | 实施步骤 | 工作项 | 工作項目
작업 | 작업 항목 | 구현 계획 | 구현 작업 | 할 일 | 할일 | 태스크 | 작업 분해
задачи | план реализации | план работ | план внедрения | план имплементации | план задач | завдання
nhiem vu | danh sach nhiem vu | cong viec | danh sach cong viec | ke hoach trien khai | cac nhiem vu
tugas | daftar tugas | tugas-tugas | rencana implementasi | pekerjaan | tugas implementasi
plan de implementacion | plan de trabajo | lista de tareas | desglose de tareas
plano de implementacao | lista de tarefas | detalhamento de tarefas | quebra de tarefas
aufgabenliste | implementierungsplan | umsetzungsplan | arbeitspakete | umsetzung
plan d'implementation | plan de mise en œuvre | plan de mise en oeuvre | liste des taches | liste de taches
decoupage en taches | taches d'implementation
gorev listesi | uygulama plani | implementasyon plani | yapilacaklar | is kalemleri
piano di implementazione | elenco attivita | attivita | takenlijst | takken | lista zadan | plan wdrozenia
المهام | قائمة المهام | خطة التنفيذ | कार्य | कार्य सूची | งาน | รายการงาน | แผนการดำเนินงาน
plan realizacji | plan implementacji | plan implementace | implementatieplan | plan de tareas";

/// `Remaining Tasks`, `実装タスク`: a heading that ends so is one of tasks.
pub(crate) const TASKS_ENDS: &str = "
tasks | タスク | タスク一覧 | タスクリスト | 任务 | 任務 | 任务列表 | 任务清单 | 任務列表 | 任務清單
任务一览 | 작업 | 작업 목록 | 태스크 | 태스크 목록 | задачи | список задач | задания | завдання | nhiem vu
tareas | tarefas | aufgaben | taches | gorevler | gorevleri | tugas | zadania | taken | ukoly | feladatok";

/// Sections whose boxes are somebody's checks, when a heading begins or ends with the words.
pub(crate) const CHECKLIST_PHRASES: &str = "
success criteria | success metrics | success indicators | acceptance criteria | acceptance checklist
acceptance tests | definition of done | definition of ready | completion criteria | exit criteria
entry criteria | entrance criteria | done criteria | done when | quality gates | quality gate
out of scope | external dependencies | review checklist | verification checklist | validation checklist
testing checklist | test checklist | release checklist | deployment checklist | pre-flight checklist
quality checklist | completion checklist | sign-off | signoff | verification criteria | validation criteria
受け入れ基準 | 受入基準 | 受入条件 | 受け入れ条件 | 受入れ基準 | 完了条件 | 完了基準 | 完了の定義 | 成功基準
成功指標 | 成功条件 | 終了条件 | 対象外 | スコープ外 | チェックリスト
验收标准 | 驗收標準 | 验收条件 | 驗收條件 | 验收清单 | 完成标准 | 完成標準 | 完成条件 | 完成定义 | 完成定義
成功标准 | 成功標準 | 成功指标 | 成功指標 | 检查清单 | 檢查清單 | 核对清单 | 不在范围
인수 기준 | 인수 조건 | 수용 기준 | 수락 기준 | 완료 기준 | 완료 조건 | 완료 정의 | 완료의 정의 | 성공 기준
성공 지표 | 체크리스트 | 범위 외
критерии приемки | критерии принятия | критерии успеха | критерии готовности | критерии завершения
критерии выполнения | критерий готовности | определение готовности | метрики успеха | чек-лист | чеклист
вне области | критерії приймання | критерії готовності
tieu chi chap nhan | tieu chi nghiem thu | tieu chi hoan thanh | dieu kien hoan thanh | tieu chi thanh cong
dinh nghia hoan thanh | ngoai pham vi
kriteria penerimaan | kriteria keberhasilan | kriteria sukses | kriteria selesai | definisi selesai
daftar periksa | di luar cakupan
criterios de aceptacion | criterios de exito | criterios de finalizacion | criterios de completitud
definicion de terminado | definicion de hecho | definicion de listo | metricas de exito | fuera de alcance
lista de verificacion | lista de comprobacion
criterios de aceitacao | criterios de aceite | criterios de sucesso | criterios de conclusao
definicao de pronto | definicao de concluido | metricas de sucesso | fora do escopo | lista de verificacao
akzeptanzkriterien | abnahmekriterien | erfolgskriterien | abschlusskriterien | fertigstellungskriterien
erfolgsmetriken | nicht im umfang | checkliste
criteres d'acceptation | criteres de succes | criteres de reussite | criteres d'achevement
criteres de validation | definition de termine | definition de fini | definition du fini
metriques de succes | hors perimetre | liste de controle | liste de verification
kabul kriterleri | kabul olcutleri | basari kriterleri | basari olcutleri | tamamlanma kriterleri
tamamlanma tanimi | bitti tanimi | kapsam disi | kontrol listesi
criteri di accettazione | criteri di successo | kryteria akceptacji | kryteria sukcesu
acceptatiecriteria | succescriteria | معايير القبول";

/// The same, when they are the whole heading.
pub(crate) const CHECKLIST_EXACT: &str = "
requirements | constraints | prerequisites | prerequisite | pre-requisites | preconditions
introduction | task dependency graph | dod | non-goals | open questions
assumptions | glossary | user stories | functional requirements | non-functional requirements
要件 | 前提条件 | 制約 | はじめに | 未解決事項
需求 | 前置条件 | 前置條件 | 先决条件 | 约束 | 約束
요구사항 | 전제 조건 | 전제조건 | 사전 요구사항 | 사전 조건 | 제약 | 제약 조건
требования | предварительные условия | предпосылки | ограничения | открытые вопросы
yeu cau | dieu kien tien quyet | rang buoc
persyaratan | prasyarat | batasan | kebutuhan
requisitos | requisitos previos | prerrequisitos | restricciones
pre-requisitos | restricoes
anforderungen | voraussetzungen | einschrankungen | randbedingungen
exigences | prerequis | contraintes
gereksinimler | on kosullar | onkosullar | kisitlar";

/// The same, when the boxes have no numbers: a numbered box below is a task.
pub(crate) const CHECKS_EXACT: &str = "
acceptance | verification | validation | final verification | final validation
受入 | 検証 | 確認事項 | 最終確認 | 验收 | 驗收 | 验证 | 驗證 | 검증 | проверка | приемка
xac minh | kiem tra | verifikasi | validasi | verificacion | aceptacion | verificacao | aceitacao | validacao
abnahme | uberprufung | validierung | acceptation | dogrulama | kabul";

/// Labels of check lists inside a task that are too common as headings.
pub(crate) const CHECKS_LABELS: &str = "
verify | checks | checklist | criteria | expected | expected result | expected results | expected outcome
acceptance test | quality checks | validate | done | ac
確認 | 検証項目 | 確認項目 | 検証方法 | 完了 | 基準 | 受け入れ | 期待結果
标准 | 標準 | 检查 | 检查项 | 檢查項 | 检查点 | 验证项 | 验证标准 | 验收点 | 预期结果 | 預期結果
기준 | 확인 | 확인 사항 | 확인사항 | 검증 항목 | 검증 기준 | 기대 결과
критерии | проверки | ожидаемый результат | ожидаемые результаты | готово, когда | готово когда
tieu chi | ket qua mong doi | kiem chung
kriteria | hasil yang diharapkan | pemeriksaan
criterios | comprobaciones | resultado esperado | verificaciones
verificacoes | resultados esperados
kriterien | prufungen | erwartetes ergebnis | fertig wenn | fertig, wenn | prufung
criteres | verifications | resultat attendu | verifier
kriterler | beklenen sonuc | kontroller
criteri | kryteria";

pub(crate) const ASIDE_EXACT: &str = "
notes | note | legend | status legend | key | task format | format | references | risks | summary
glossary | overview | task status | status | progress | conventions | how to use | questions
凡例 | 備考 | メモ | ノート | 注意事項 | 概要 | 参考 | 進捗 | 図 | 表記 | 说明 | 說明 | 备注 | 備註 | 图例
圖例 | 注意 | 概述 | 参考资料 | 状态说明 | 进度 | 참고 | 참고 사항 | 범례 | 비고 | 노트 | 개요
примечания | заметки | легенда | обзор | примечание | ghi chu | chu thich | tong quan
catatan | keterangan | ikhtisar | gambaran umum | notas | leyenda | resumen | legenda | resumo | visao geral
vision general | descripcion general | anmerkungen | hinweise | legende | uberblick | ubersicht | notizen
remarques | apercu | vue d'ensemble | notlar | aciklama | genel bakis | gosterim";

pub(crate) const PHASES: &str = "
phase | stage | sprint | milestone | iteration | step | part | group | layer | epic | wave | week | day
priority | batch | track | story | module | component | p0 | p1 | p2 | p3 | mvp | etape | этап | фаза
шаг | спринт | веха | часть | волна | неделя | етап | giai | buoc | tuan | phan | tahap | fase | langkah
minggu | etapa | paso | hito | semana | parte | passo | marco | schritt | abschnitt | meilenstein | woche
teil | jalon | semaine | partie | lot | faz | asama | adim | hafta | bolum | etap | faza | krok
단계 | 스프린트 | 마일스톤 | 주차";

/// Whole headings over the work that comes before the rest.
pub(crate) const PREPARATION: &str = "
preparation | setup | set up | project setup | preparations | 準備 | 事前準備 | 环境准备 | 准备 | 准备工作 | 準備工作 | 준비
подготовка | підготовка | chuan bi | persiapan | preparacion | preparacao | vorbereitung | vorbereitungen
preparazione | przygotowanie | przygotowania | hazirlik | voorbereiding | priprava";

pub(crate) const PHASES_CJK: &str = "
フェーズ | ステップ | 段階 | スプリント | マイルストーン | 第 | 阶段 | 階段 | 步骤 | 步驟 | 里程碑 | 迭代 | 波次
단계 | 스프린트";

pub(crate) const TASK_WORDS: &str = "
task | subtask | sub-task | タスク | サブタスク | 任务 | 子任务 | 任務 | 子任務 | 작업 | 태스크 | 하위 작업
задача | подзадача | завдання | задание | nhiem vu | cong viec | tugas | tarea | subtarea | tarefa
subtarefa | aufgabe | teilaufgabe | tache | sous-tache | gorev | alt gorev | attivita | zadanie | taak
ukol | feladat";

pub(crate) const DEPENDS: &str = "
depends | depends on | dependencies | dependency | blocked by | after | deps | dep | requires tasks
prerequisite tasks | dependson | requires task
依存 | 依存関係 | 依存タスク | 前提タスク | 先行タスク | 依赖 | 依赖关系 | 依赖任务 | 前置任务 | 依賴 | 依賴關係
依賴任務 | 前置任務 | 의존 | 의존성 | 의존 작업 | 선행 작업 | 종속성 | 선행 태스크
зависит от | зависимости | зависимость | зависит | после | блокируется | залежить від | залежності
phu thuoc | phu thuoc vao | bergantung pada | ketergantungan | dependensi | tergantung pada
depende de | dependencias | dependencia | bloqueado por | bloqueada por
abhangig von | abhangigkeiten | abhangigkeit | hangt ab von | nach | blockiert durch
depend de | dependances | dependance | apres | bloque par | bloquee par
bagimli | bagimliliklar | bagimlilik | baglidir | bagimli oldugu gorevler | sonra
dipende da | dipendenze | zalezy od | zaleznosci | afhankelijk van";

pub(crate) const BOUNDARY: &str = "
boundary | boundaries | 境界 | 境界コンポーネント | 対象の部品 | 対象コンポーネント | 边界 | 邊界 | 경계 | граница
границы | ranh gioi | batas | limite | limites | frontera | fronteira | grenze | grenzen | frontiere
perimetre | sinir | sinirlar";

pub(crate) const VALIDATES: &str = "
validates | validates requirements | validates requirement | validate requirements | valida | validiert
valide | valident | validan | validam | memvalidasi | проверяет | валидирует | проверяются | подтверждает
xac thuc | kiem chung | xac minh yeu cau | dogrular | dogrulanan | 验证 | 驗證 | 验证需求 | 驗證需求 | 検証
検証要件 | 検証対象 | 검증 | 검증 요구사항 | перевіряє | weryfikuje";

pub(crate) const STATUS: &str = "
status | state | ステータス | 状態 | 状态 | 狀態 | 상태 | статус | состояние | trang thai | estado | situacao
statut | etat | durum | stato | stan | zustand | avancement | fortschritt | progreso | progresso | tien do | الحالة | स्थिति | สถานะ | 進捗 | 进度 | 進度 | 진행 | stav | status prac";

/// Words for a check that need a code span behind them: in prose they introduce a sentence.
pub(crate) const CHECK: &str = "
チェック | 検証コマンド | 確認コマンド | 检查 | 檢查 | 检查命令 | 验证命令 | 驗證命令 | 확인 | 확인 명령 | 검증 명령
проверка | команда проверки | kiem tra | lenh kiem tra | periksa | pemeriksaan | perintah verifikasi
perintah pemeriksaan | comprobacion | comando de verificacion | verificacao
comando de verificacao | prufung
prufbefehl | verification command | verification | commande de verification | kontrol | kontrol komutu
dogrulama komutu | dogrulama | validation command";

pub(crate) const PARALLEL: &str = "
parallel | 並行 | 並行可 | 並列 | 並列可 | 并行 | 可并行 | 並行可能 | 可並行 | 병렬 | 병렬 가능 | параллельно
song song | paralel | paralelo | en paralelo | em paralelo | parallelisable | en parallele | parallele
parallelisierbar | paralel olabilir | rownolegle | parallelo";

pub(crate) const DONE: &str = "
complete | completed | done | finished | implemented | 完了 | 完了済み | 済 | 実装済み | 対応済み | 完成 | 已完成 | 已实现 | 已實作 | 완료
완료됨 | завершено | выполнено | готово | завершена | выполнена | завершен | сделано | виконано
hoan thanh | da hoan thanh | xong | da xong | selesai
completado | completada | hecho | terminado | terminada | concluido | concluida | feito | feita | pronto | erledigt
abgeschlossen | fertig | termine | terminee | fait | faite | acheve | tamamlandi | bitti | completato | completata | fatto
gotowe | zrobione | ukonczone | zakonczone | klaar | gereed | voltooid | hotovo | klart | مكتمل | تم | पूर्ण | เสร็จสิ้น | เสร็จแล้ว";

pub(crate) const IN_PROGRESS: &str = "
in progress | in-progress | inprogress | ongoing | started | doing | wip | partial | partially done | partially complete
進行中 | 着手中 | 作業中 | 実装中 | 対応中 | 进行中 | 开发中 | 實作中 | 处理中 | 部分完成 | 진행 중 | 진행중 | 작업 중
в работе | в процессе | выполняется | частично | у процесі | в роботі | dang thuc hien | dang lam | dang tien hanh
sedang dikerjakan | berjalan | en progreso | en curso | en proceso | em andamento | em progresso
in arbeit | in bearbeitung | en cours | devam ediyor | suruyor | in corso | w toku | bezig | probiha | pagaende
جار | قيد التنفيذ | प्रगति में";

pub(crate) const NOT_DONE: &str = "
not started | not done | not complete | not implemented | not yet started | incomplete | pending | todo | to do | to-do
blocked | failed | deferred | open | planned | skipped | backlog | 未着手 | 未完了 | 保留 | 未開始 | 未対応 | 未実施 | 未开始
未完成 | 待办 | 待处理 | 待开始 | 待实现 | 阻塞 | 待辦 | 待處理 | 미완료 | 대기 | 미착수 | 시작 전 | 예정
не начато | не выполнено | не готово | ожидает | отложено | запланировано | не розпочато | chua bat dau | chua hoan thanh
chua lam | belum selesai | belum dimulai | belum | tertunda | pendiente | no iniciado | no iniciada
sin empezar | bloqueado | pendente | nao iniciado | nao iniciada | a fazer | offen | ausstehend | geplant
nicht begonnen | blockiert | en attente | a faire | non commence | bloque | beklemede
baslamadi | baslanmadi | yapilacak | da fare | do zrobienia | nie rozpoczeto | niet gestart | te doen
لم يبدا | معلق | लंबित";

pub(crate) const PROPERTY: &str = "
property | プロパティ | 特性 | 性質 | 属性 | 性质 | 屬性 | 속성 | свойство | thuoc tinh | tinh chat | properti
propiedad | propriedade | eigenschaft | propriete | ozellik | proprieta | wlasciwosc | властивість";

pub(crate) const GRAPH: &str = "
task dependency graph | task dependencies graph | dependency graph | task graph | task dependencies
execution waves | parallel execution waves | waves | dependency diagram | task dag | execution order
タスク依存グラフ | タスク依存関係グラフ | 依存関係グラフ | 依存グラフ | タスク依存関係 | タスクの依存関係
任务依赖图 | 任务依赖关系图 | 依赖关系图 | 依赖图 | 任务依赖关系 | 任務依賴圖 | 任務依賴關係圖 | 依賴關係圖
작업 의존성 그래프 | 작업 종속성 그래프 | 의존성 그래프 | 태스크 의존성 그래프 | 작업 의존 관계
граф зависимостей задач | граф зависимостей | зависимости задач | do thi phu thuoc nhiem vu
do thi phu thuoc
bieu do phu thuoc | grafik ketergantungan tugas | graf ketergantungan tugas | grafik ketergantungan
grafo de dependencias de tareas | grafo de dependencias | diagrama de dependencias
grafo de dependencias de tarefas | aufgabenabhangigkeitsgraph | abhangigkeitsgraph
abhangigkeitsgraph der aufgaben
graphe de dependances des taches | graphe de dependances | graphe des dependances
gorev bagimlilik grafigi | bagimlilik grafigi | grafo delle dipendenze | graf zaleznosci";

/// Titles of tasks that only ask whether everything holds. Not folded: titles are compared in lower case.
pub(crate) const CHECKPOINTS: &str = "
checkpoint | final checkpoint | verification checkpoint | ensure all tests pass
检查点 | 最终检查点 | 檢查點 | 最終檢查點 | 确保所有测试通过 | チェックポイント | 最終チェックポイント
체크포인트 | 최종 체크포인트 | контрольная точка | финальная контрольная точка | чекпоинт
điểm kiểm tra | checkpoint cuối | titik pemeriksaan | checkpoint akhir
punto de control | punto de control final | ponto de verificação | ponto de controle | checkpoint final
kontrollpunkt | prüfpunkt | point de contrôle | point de contrôle final | kontrol noktası | son kontrol noktası
punto di controllo | punkt kontrolny | контрольна точка";

pub(crate) const FILES: &str = "
file | files | test file | test files | new file | new files | files to create | files to modify | files to change
files to create/modify | files involved | modified files | file path | file paths | path | paths | target files | location
ファイル | 対象ファイル | 変更ファイル | 関連ファイル | 成果物ファイル | テストファイル | 新規ファイル
文件 | 文件路径 | 涉及文件 | 相关文件 | 修改文件 | 新增文件 | 文件涉及 | 测试文件 | 目标文件 | 檔案 | 相關檔案 | 測試檔案
파일 | 대상 파일 | 수정 파일 | 관련 파일 | 테스트 파일 | 파일 경로
файл | файлы | измененные файлы | тестовые файлы | файлы для изменения | путь | файли
tep | tep tin | cac tep | file lien quan | tep lien quan | duong dan
berkas | fail | file terkait | berkas terkait | lokasi
archivo | archivos | ficheros | fichero | archivos a modificar | archivos a crear | archivos de prueba | archivos afectados
arquivo | arquivos | ficheiro | ficheiros | arquivos a modificar | arquivos de teste | arquivos envolvidos
datei | dateien | betroffene dateien | testdatei | testdateien | zu andernde dateien
fichier | fichiers | fichiers concernes | fichiers a modifier | fichiers de test
dosya | dosyalar | ilgili dosyalar | test dosyalari | file interessati | plik | pliki | bestand | bestanden";
