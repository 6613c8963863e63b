// The one table of errors: code → HTTP status, message in English and Indonesian, and what to do.
// One literal table, so it may be long. docs/errors.md is tested equal to it. Contracts may show their own wording; the
// code stays.

interface ErrorEntry {
  readonly status: number
  /** `{name}` stands for a parameter. */
  readonly en: string
  readonly id: string
  /** What the person can do about it. */
  readonly help: string
}

export const ERRORS = {
  internal: {
    status: 500,
    en: 'Internal server error',
    id: 'Terjadi kesalahan pada server',
    help: 'The log of the server holds the cause under the same request id.',
  },
  'audio.unreadable': {
    status: 422,
    en: 'The audio could not be decoded: {reason}',
    id: 'Audio tidak dapat dibaca: {reason}',
    help: 'Send a WAV, MP3, OGG, FLAC or M4A file that plays in an ordinary player.',
  },
  'audio.no-aac': {
    status: 415,
    en: 'M4A (AAC) audio cannot be decoded here',
    id: 'Audio M4A (AAC) tidak dapat dibaca di sini',
    help: 'Convert it first, for example: ffmpeg -i recording.m4a recording.wav',
  },
  'cough.not-audio': {
    status: 400,
    en: 'The declared type "{type}" is not audio/…',
    id: 'Tipe berkas "{type}" bukan audio/…',
    help: 'Send the file with its type, for example: curl -F "file=@cough.wav;type=audio/wav"',
  },
  'cough.empty': {
    status: 400,
    en: 'The file is empty',
    id: 'Berkas kosong',
    help: 'Send a recording of at least one sample.',
  },
  'cough.unknown-format': {
    status: 400,
    en: 'The content is none of WAV, MP3, OGG, FLAC and M4A',
    id: 'Isi berkas bukan WAV, MP3, OGG, FLAC atau M4A',
    help: 'Convert the recording to WAV; a file is judged by its content, not by its name.',
  },
  'cough.rate-limited': {
    status: 429,
    en: 'More than {limit} requests in a minute; try again in {seconds} s',
    id: 'Lebih dari {limit} permintaan dalam satu menit; coba lagi dalam {seconds} detik',
    help: 'Wait as long as Retry-After says, or raise COUGH_RATE_LIMIT (0 is off).',
  },
  'image.unreadable': {
    status: 400,
    en: 'The file is not a readable image: {reason}',
    id: 'Berkas bukan gambar yang dapat dibaca: {reason}',
    help: 'Send a JPEG, PNG, WebP, GIF, BMP or TIFF picture.',
  },
  'image.too-many-pixels': {
    status: 413,
    en: 'The image has more than {limit} pixels',
    id: 'Gambar memiliki lebih dari {limit} piksel',
    help: 'Scale the picture down before sending it.',
  },
  'upload.malformed': {
    status: 400,
    en: 'The multipart body could not be read: {reason}',
    id: 'Isi multipart tidak dapat dibaca: {reason}',
    help: 'Send the file as multipart/form-data, with a boundary and a closing line.',
  },
  'request.not-found': {
    status: 404,
    en: 'There is no {what}',
    id: 'Tidak ada {what}',
    help: 'Compare the address with /docs.',
  },
  'request.method': {
    status: 405,
    en: 'Method Not Allowed',
    id: 'Metode tidak diizinkan',
    help: 'This address takes {allowed}.',
  },
  'input.too-large': {
    status: 413,
    en: 'The input is larger than {limit} bytes',
    id: 'Masukan lebih besar dari {limit} byte',
    help: 'Send a smaller file.',
  },
  'input.invalid': {
    status: 422,
    en: 'Invalid input: {reason}',
    id: 'Masukan tidak valid: {reason}',
    help: 'Compare the request with /docs.',
  },
  'download.failed': {
    status: 502,
    en: 'The download of {name} failed: {reason}',
    id: 'Unduhan {name} gagal: {reason}',
    help: 'Run the command again: it goes on where it stopped. Or pass the file: --source <file>.',
  },
  'download.mismatch': {
    status: 502,
    en: 'The file of {name} has SHA-256 {actual}, not {expected}',
    id: 'Berkas {name} memiliki SHA-256 {actual}, bukan {expected}',
    help: 'The file was changed or damaged and has not been kept. Try again, or report it.',
  },
  'model.missing': {
    status: 503,
    en: 'Service {service} has no model',
    id: 'Layanan {service} belum memiliki model',
    help: 'Train or import one: npx duga train {service} --data <path>.',
  },
  'file.unreadable': {
    status: 400,
    en: 'The file {path} cannot be read: {reason}',
    id: 'Berkas {path} tidak dapat dibaca: {reason}',
    help: 'Check the path and its permissions.',
  },
  'product.no-usable-word': {
    status: 422,
    en: 'The product name has no usable word',
    id: 'Nama produk tidak memuat kata yang dapat dipakai',
    help: 'Send a name with at least one word of two letters that is not a stop word.',
  },
  'training.unreadable': {
    status: 422,
    en: '{file} could not be read: {reason}',
    id: '{file} tidak dapat dibaca: {reason}',
    help: 'Give a CSV or TSV file (UTF-8, UTF-16 or Windows-1252), an .xlsx workbook or a folder of them.',
  },
  'training.columns': {
    status: 422,
    en: '{file} has no column for {what}; it has: {found}',
    id: '{file} tidak memiliki kolom untuk {what}; yang ada: {found}',
    help: 'Name the column one of {names}, or say in the call which it is.',
  },
  'training.no-rows': {
    status: 422,
    en: '{file} has no usable row',
    id: '{file} tidak memiliki baris yang dapat dipakai',
    help: 'Each row needs a name with a usable word and a category.',
  },
  'training.one-class': {
    status: 422,
    en: 'All rows are of the category {category}',
    id: 'Semua baris berkategori {category}',
    help: 'A classifier needs rows of at least two categories.',
  },
  'training.too-few-rows': {
    status: 422,
    en: 'The category {category} has {count} usable rows; at least {needed} are needed',
    id: 'Kategori {category} hanya memiliki {count} baris; diperlukan paling sedikit {needed}',
    help: 'Add rows to that category, or give its rows another one.',
  },
  'training.no-normal': {
    status: 422,
    en: 'None of the states {found} is known as normal',
    id: 'Tidak satu pun keadaan {found} dikenal sebagai normal',
    help: 'Say which it is with the parameter normal, or give only rows of normal running.',
  },
  'data.archive': {
    status: 422,
    en: 'The archive of {name} was not unpacked: {reason}',
    id: 'Arsip {name} tidak dibuka: {reason}',
    help: 'Nothing of it was kept. Fetch it again; if it stays so, the source has changed: report it.',
  },
  'data.exists': {
    status: 409,
    en: 'There is something at {folder} already',
    id: 'Sudah ada sesuatu di {folder}',
    help: 'Move it away, or say where the data is to go: --to <folder>.',
  },
  'data.changed': {
    status: 409,
    en: 'The file of {name} has SHA-256 {actual}; when it was first fetched here it had {expected}',
    id: 'Berkas {name} memiliki SHA-256 {actual}; saat pertama diunduh di sini {expected}',
    help: 'Its source has changed it. To take the new one: npx duga data get {name} --accept-change.',
  },
  'training.no-files': {
    status: 422,
    en: 'The folder {folder} holds no {what} in class folders',
    id: 'Folder {folder} tidak berisi {what} di dalam folder kelas',
    help: 'Put the files into one sub-folder a class, named as the class: {folder}/<class>/<file>.',
  },
  'training.no-held-out': {
    status: 422,
    en: 'The category {category} has no picture for the {side} part',
    id: 'Kategori {category} tidak memiliki gambar untuk bagian {side}',
    help: 'Add pictures of other persons: one person stands in one part only, and so does what an earlier training used.',
  },
  'training.no-face': {
    status: 422,
    en: 'No face was found',
    id: 'Wajah tidak ditemukan',
    help: 'It is left out. Give pictures on which the face is upright and not too small.',
  },
  'training.file-changed': {
    status: 409,
    en: '{file} is not what it was when the job began: {reason}',
    id: '{file} tidak lagi sama seperti saat pelatihan dimulai: {reason}',
    help: 'It is left out. Leave the data as it is until the job has ended.',
  },
  'training.no-gradient': {
    status: 422,
    en: 'The node "{node}" ({op}) has no gradient here',
    id: 'Simpul "{node}" ({op}) tidak memiliki gradien di sini',
    help: 'Train only what comes after that node, or cut the model there.',
  },
  'training.no-value': {
    status: 422,
    en: 'The graph has no {kind} named "{name}"; it has: {found}',
    id: 'Graf tidak memiliki {kind} bernama "{name}"; yang ada: {found}',
    help: 'Name one of those that the graph has.',
  },
  'training.state': {
    status: 422,
    en: 'The checkpoint does not fit this training: {reason}',
    id: 'Titik simpan tidak cocok dengan pelatihan ini: {reason}',
    help: 'Resume with the model, optimiser and options that wrote it, or start afresh.',
  },
  'disk.full': {
    status: 507,
    en: 'There is no space left on the disk',
    id: 'Tidak ada ruang tersisa pada disk',
    help: 'Make room, then go on from the last checkpoint: npx duga job <id> --resume.',
  },
  'training.option': {
    status: 422,
    en: 'The option {option} cannot be taken: {reason}',
    id: 'Opsi {option} tidak dapat diterima: {reason}',
    help: 'npx duga train --help explains the options; over HTTP they have underscores.',
  },
  'evaluation.unavailable': {
    status: 503,
    en: 'Versions of service {service} cannot be evaluated by this version of Duga yet',
    id: 'Versi layanan {service} belum dapat dievaluasi oleh versi Duga ini',
    help: 'The report of the training job has the figures of its held-out rows.',
  },
  'training.unavailable': {
    status: 503,
    en: 'Service {service} cannot be trained by this version of Duga yet',
    id: 'Layanan {service} belum dapat dilatih oleh versi Duga ini',
    help: 'The services that come with Duga can be trained; one of your own needs a trainer in the service table.',
  },
  overloaded: {
    status: 503,
    en: 'The server is busy; try again in {seconds} s',
    id: 'Server sedang sibuk; coba lagi dalam {seconds} detik',
    help: 'Wait as long as Retry-After says; raise DUGA_LANES if it lasts.',
  },
  'deadline.exceeded': {
    status: 504,
    en: 'The deadline of the request passed before it was run',
    id: 'Batas waktu permintaan terlewati sebelum dijalankan',
    help: 'Allow more time, or send fewer requests at once.',
  },
  cancelled: {
    status: 499,
    en: 'The client closed the request',
    id: 'Klien membatalkan permintaan',
    help: 'Nothing to do: the caller went away.',
  },
  'lane.lost': {
    status: 503,
    en: 'The worker that ran the request stopped',
    id: 'Proses yang menjalankan permintaan berhenti',
    help: 'Send the request again; the worker has been replaced.',
  },
  'lane.timeout': {
    status: 504,
    en: 'The request ran longer than {seconds} s and was stopped',
    id: 'Permintaan berjalan lebih dari {seconds} detik dan dihentikan',
    help: 'Send a smaller or simpler input; the worker has been replaced.',
  },
  'model.unreadable': {
    status: 422,
    en: 'The model could not be opened: {reason}',
    id: 'Model tidak dapat dibuka: {reason}',
    help: 'Check that the file is complete and of a supported format, with operators that onnxruntime knows.',
  },
  'model.unknown-shape': {
    status: 422,
    en: 'The shape of node "{node}" ({op}) is not known: {reason}',
    id: 'Bentuk simpul "{node}" ({op}) tidak diketahui: {reason}',
    help: 'Give every input a fixed shape, or cut the model before that node.',
  },
  'model.unknown-format': {
    status: 422,
    en: 'The file {name} is of no known format',
    id: 'Format berkas {name} tidak dikenal',
    help: 'These are read: {known}. A file is judged by its content: check that it is complete. A SavedModel of TensorFlow has to be saved anew: model.save("model.keras").',
  },
  'model.needs-export': {
    status: 422,
    en: 'The model must be exported first: {reason}',
    id: 'Model harus diekspor dahulu: {reason}',
    help: 'In Python: torch.onnx.export(model.eval(), (example,), "model.onnx"), then import model.onnx. Of weights alone: torch.save(model.state_dict(), "weights.pt").',
  },
  'model.unsupported-layer': {
    status: 422,
    en: 'The layer "{layer}" ({kind}) cannot be converted: {reason}',
    id: 'Lapisan "{layer}" ({kind}) tidak dapat dikonversi: {reason}',
    help: 'Build the model with a layer that Keras has in its place (Rescaling, Resizing, Activation … do what many a Lambda does), load the weights into it and save it again. Where it does what a built-in layer or activation does, say so: --custom {kind}=<name>.',
  },
  'model.unfit': {
    status: 422,
    en: 'The model does not fit service {service}: {reason}',
    id: 'Model tidak cocok untuk layanan {service}: {reason}',
    help: 'Compare with what the README of the service says of its models; --set says what the file does not.',
  },
  'model.differs': {
    status: 422,
    en: 'The model answers {difference} away from the expected output, more than {tolerance}',
    id: 'Keluaran model berbeda {difference} dari yang diharapkan, lebih dari {tolerance}',
    help: 'Check that both files were saved by the model that is being imported, before any preprocessing.',
  },
  'labels.invalid': {
    status: 422,
    en: 'The class names cannot be read: {reason}',
    id: 'Nama kelas tidak dapat dibaca: {reason}',
    help: 'Give a JSON array of names, or an object such as {"0":"Chihuahua","1":"Beagle"}.',
  },
  'drop-in.missing': {
    status: 422,
    en: 'The model of your own for service {service} is not complete: {missing}',
    id: 'Model Anda untuk layanan {service} tidak lengkap: {missing}',
    help: 'Put what is missing there, or set {settings} to where the files are; then start again.',
  },
  'drop-in.several': {
    status: 422,
    en: 'Several files in {folder} could be the model of your own for service {service}: {names}',
    id: 'Beberapa berkas di {folder} dapat menjadi model Anda untuk layanan {service}: {names}',
    help: 'Leave one of them there, or say which with {setting}; then start again.',
  },
  'model.unsupported-type': {
    status: 422,
    en: 'Input or output "{name}" of the model is of the type {type}, which is not supported',
    id: 'Masukan atau keluaran "{name}" dari model bertipe {type}, yang tidak didukung',
    help: 'Add a Cast to float32 (or another plain numeric type) to the graph.',
  },
  'model.incomplete': {
    status: 422,
    en: 'Version {version} of {service} lacks what its manifest names: {reason}',
    id: 'Versi {version} dari {service} tidak memuat yang disebut manifesnya: {reason}',
    help: 'Import the version again with all its files.',
  },
  'golden.mismatch': {
    status: 422,
    en: 'Version {version} of {service} does not repeat its recorded output "{output}": {difference}',
    id: 'Versi {version} dari {service} tidak mengulang keluaran tercatat "{output}": {difference}',
    help: 'The model file and its golden file do not belong together, or the runtime computes otherwise.',
  },
  'server.closing': {
    status: 503,
    en: 'The server is shutting down',
    id: 'Server sedang dimatikan',
    help: 'Send the request again in a moment.',
  },
  'path.missing': {
    status: 404,
    en: 'There is no such file or folder',
    id: 'Berkas atau folder tidak ditemukan',
    help: 'Give a path inside the folder that the settings name (DUGA_DATA, FACE_UPLOADS).',
  },
  'path.outside': {
    status: 400,
    en: 'The path leads outside the folder that may be read',
    id: 'Lokasi berada di luar folder yang boleh dibaca',
    help: 'Give a path inside the folder that the settings name (DUGA_DATA, FACE_UPLOADS).',
  },
  'url.failed': {
    status: 502,
    en: 'The address could not be fetched: {reason}',
    id: 'Alamat tidak dapat diambil: {reason}',
    help: 'Open the address in a browser, or send the file itself.',
  },
  'url.invalid': {
    status: 400,
    en: 'The address is not a URL',
    id: 'Alamat bukan URL yang benar',
    help: 'Send a whole address, such as https://example.org/face.jpg.',
  },
  'url.refused': {
    status: 400,
    en: 'The address may not be fetched: {reason}',
    id: 'Alamat tidak boleh diambil: {reason}',
    help: 'Give a public http or https address, or send the file itself.',
  },
  'url.too-many-redirects': {
    status: 400,
    en: 'The address redirects more than {limit} times',
    id: 'Alamat dialihkan lebih dari {limit} kali',
    help: 'Give the address at which the redirects end.',
  },
  'store.newer': {
    status: 500,
    en: 'The database was made by a newer Duga (migration {migration})',
    id: 'Basis data dibuat oleh Duga yang lebih baru (migrasi {migration})',
    help: 'Run that version of Duga, or restore a backup made by this one.',
  },
  'store.unavailable': {
    status: 503,
    en: 'The database does not answer',
    id: 'Basis data tidak menjawab',
    help: 'Try again after Retry-After; the log of the server and npx duga doctor say what is wrong.',
  },
  'store.unreachable': {
    status: 500,
    en: '{target} cannot be reached: {reason}',
    id: '{target} tidak dapat dihubungi: {reason}',
    help: 'Start the database server, or correct host and port in DATABASE_URL.',
  },
  'store.login': {
    status: 500,
    en: '{target} refuses user {user}: {reason}',
    id: '{target} menolak pengguna {user}: {reason}',
    help: 'Correct user and password in DATABASE_URL (special characters percent-encoded), or let the account in.',
  },
  'store.tls': {
    status: 500,
    en: '{target} and this program do not agree on encryption: {reason}',
    id: '{target} dan program ini tidak sepakat tentang enkripsi: {reason}',
    help: 'Set sslmode in DATABASE_URL to disable, require, verify-ca or verify-full, and sslrootcert to who signed the certificate.',
  },
  'store.missing': {
    status: 500,
    en: 'There is no database {database} that user {user} may use, and it could not be made: {reason}',
    id: 'Tidak ada basis data {database} yang boleh dipakai pengguna {user}, dan tidak dapat dibuat: {reason}',
    help: 'As an account that may, run: {statement};',
  },
  'store.users': {
    status: 500,
    en: 'The table users of this database cannot be taken over: {reason}',
    id: 'Tabel users pada basis data ini tidak dapat diambil alih: {reason}',
    help: 'Point DATABASE_URL at a database of its own, then bring the rows over: npx duga migrate import <old database>.',
  },
  'import.no-table': {
    status: 422,
    en: 'That database has no table prediction_history of a dog service: {missing} is missing',
    id: 'Basis data itu tidak memiliki tabel prediction_history dari layanan anjing: {missing} tidak ada',
    help: 'Give the DATABASE_URL of the old service.',
  },
  'home.locked': {
    status: 500,
    en: '{home} is in use by another server (process {pid}, since {since})',
    id: '{home} sedang dipakai server lain (proses {pid}, sejak {since})',
    help: 'Stop that server, or set DUGA_HOME to another folder.',
  },
  'home.newer': {
    status: 500,
    en: '{home} was made by a newer Duga (format {format})',
    id: '{home} dibuat oleh Duga yang lebih baru (format {format})',
    help: 'Run that version of Duga, or set DUGA_HOME to another folder.',
  },
  'cursor.invalid': {
    status: 400,
    en: 'The cursor is not one that this list gave',
    id: 'Kursor bukan berasal dari daftar ini',
    help: 'Pass on `next` of the previous page unchanged, or leave the cursor out.',
  },
  'prediction.unknown': {
    status: 404,
    en: 'There is no prediction {id} of service {service}',
    id: 'Tidak ada prediksi {id} pada layanan {service}',
    help: 'List them: GET /manage/services/{service}/predictions.',
  },
  'job.not-resumable': {
    status: 409,
    en: 'Job {id} has {status}; only one that failed or was cancelled can be resumed',
    id: 'Pekerjaan {id} berstatus {status}; hanya yang gagal atau dibatalkan yang dapat dilanjutkan',
    help: 'Start another training: npx duga train <service> --data <path>.',
  },
  'job.decided': {
    status: 409,
    en: 'Job {id} can no longer be cancelled: its version is being promoted',
    id: 'Pekerjaan {id} tidak dapat dibatalkan lagi: versinya sedang dipromosikan',
    help: 'To go back once it serves: npx duga rollback <service>.',
  },
  'job.unknown': {
    status: 404,
    en: 'There is no job {id}',
    id: 'Tidak ada pekerjaan {id}',
    help: 'List them: npx duga jobs.',
  },
  'blob.missing': {
    status: 500,
    en: 'The file with SHA-256 {sha256} is missing',
    id: 'Berkas dengan SHA-256 {sha256} tidak ada',
    help: 'Restore a backup, or roll back to a version whose files are whole.',
  },
  'blob.corrupt': {
    status: 500,
    en: 'The file with SHA-256 {sha256} was changed on disk',
    id: 'Berkas dengan SHA-256 {sha256} telah berubah di disk',
    help: 'Restore a backup, or roll back to a version whose files are whole.',
  },
  'version.unknown': {
    status: 404,
    en: 'Service {service} has no version {version}',
    id: 'Layanan {service} tidak memiliki versi {version}',
    help: 'List them: npx duga versions {service}.',
  },
  'version.invalid': {
    status: 422,
    en: '{version} is not a version number',
    id: '{version} bukan nomor versi',
    help: 'Write it as v1.0.0.',
  },
  'version.exists': {
    status: 409,
    en: 'Service {service} already has version {version}',
    id: 'Layanan {service} sudah memiliki versi {version}',
    help: 'Versions never change; leave the number out to get the next one.',
  },
  'version.active': {
    status: 409,
    en: 'Version {version} of service {service} is active',
    id: 'Versi {version} dari layanan {service} sedang aktif',
    help: 'Promote another version first.',
  },
  'version.changed': {
    status: 409,
    en: 'Another promotion of service {service} came first',
    id: 'Promosi lain pada layanan {service} terjadi lebih dahulu',
    help: 'Look at the active version, then try again.',
  },
  'version.rejected': {
    status: 409,
    en: 'Version {version} of service {service} did not pass the gate: {reason}',
    id: 'Versi {version} dari layanan {service} tidak lolos pemeriksaan: {reason}',
    help: 'Train on better data, or promote it all the same with --force.',
  },
  'version.no-previous': {
    status: 409,
    en: 'Service {service} has no earlier version to roll back to',
    id: 'Layanan {service} tidak memiliki versi sebelumnya',
    help: 'Promote a version by name: npx duga promote {service} <version>.',
  },
  'token.missing': {
    status: 401,
    en: 'A Bearer token is needed',
    id: 'Token akses diperlukan',
    help: 'Send the header Authorization: Bearer <token>.',
  },
  'token.invalid': {
    status: 401,
    en: 'The token is not valid',
    id: 'Token tidak valid',
    help: 'Get a new one: POST /auth/token for clients, /api/login for users.',
  },
  'token.expired': {
    status: 401,
    en: 'The token has expired',
    id: 'Token telah kedaluwarsa',
    help: 'Get a new one: POST /auth/token for clients, /api/login or /api/refresh for users.',
  },
  'token.revoked': {
    status: 401,
    en: 'The token has been revoked',
    id: 'Token telah dicabut',
    help: 'Log in again; a deactivated account needs its administrator.',
  },
  'token.not-fresh': {
    status: 401,
    en: 'A token from a login is needed, not one from a refresh',
    id: 'Token segar diperlukan',
    help: 'Log in again with the password.',
  },
  'scope.missing': {
    status: 403,
    en: 'The scope {scope} is needed',
    id: 'Cakupan {scope} diperlukan',
    help: 'Use a client that was added with --scope {scope}.',
  },
  'scope.invalid': {
    status: 400,
    en: 'The scope {scope} may not be granted',
    id: 'Cakupan {scope} tidak dapat diberikan',
    help: 'Ask for scopes that the client has: predict, train, manage.',
  },
  'client.invalid': {
    status: 401,
    en: 'Unknown client or wrong secret',
    id: 'Klien tidak dikenal atau rahasia salah',
    help: 'Check client_id and client_secret; npx duga client list shows who is active.',
  },
  'client.exists': {
    status: 409,
    en: 'There is a client {client} already',
    id: 'Klien {client} sudah ada',
    help: 'Choose another id, or rotate its secret: npx duga client rotate {client}.',
  },
  'client.unknown': {
    status: 404,
    en: 'There is no client {client}',
    id: 'Tidak ada klien {client}',
    help: 'List them: npx duga client list.',
  },
  'user.invalid': {
    status: 401,
    en: 'Wrong user name or password',
    id: 'Nama pengguna atau kata sandi salah',
    help: 'Check both; after several failures the name is locked for a while.',
  },
  'user.locked': {
    status: 429,
    en: 'Too many failed attempts; try again in {seconds} s',
    id: 'Terlalu banyak percobaan gagal; coba lagi dalam {seconds} detik',
    help: 'Wait as long as Retry-After says.',
  },
  'user.exists': {
    status: 409,
    en: 'The user name is taken',
    id: 'Nama pengguna sudah dipakai',
    help: 'Choose another name.',
  },
  'user.unknown': {
    status: 404,
    en: 'There is no user {user}',
    id: 'Tidak ada pengguna {user}',
    help: 'List them: npx duga user list.',
  },
  'username.invalid': {
    status: 422,
    en: 'The user name must have 3 to 80 letters, digits or . _ @ -',
    id: 'Nama pengguna harus terdiri dari 3 sampai 80 huruf, angka atau . _ @ -',
    help: 'Choose another name.',
  },
  'password.weak': {
    status: 422,
    en: 'The password is too weak: {reason}',
    id: 'Kata sandi terlalu lemah: {reason}',
    help: 'Use at least 8 characters that are hard to guess.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

type Parameters = Readonly<Record<string, string | number>>

/** An error that a client may see: its code stands in {@link ERRORS}. */
export class DugaError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly parameters: Parameters
  /** Seconds for the `Retry-After` header, where waiting helps. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode,
    parameters: Parameters = {},
    options: { readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(fill(ERRORS[code].en, parameters), { cause: options.cause })
    this.name = 'DugaError'
    this.code = code
    this.status = ERRORS[code].status
    this.parameters = parameters
    this.retryAfter = options.retryAfter
  }

  get help(): string {
    return fill(ERRORS[this.code].help, this.parameters)
  }

  /** The message in Indonesian. */
  get indonesian(): string {
    return fill(ERRORS[this.code].id, this.parameters)
  }
}

function fill(text: string, parameters: Parameters): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}
