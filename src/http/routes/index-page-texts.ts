// The words of the page at `/`.

export const TEXTS = {
  id: {
    lead: 'Inferensi yang bertipe, berversi, dan terpantau. Layanan yang berjalan di sini:',
    ready: 'siap',
    noModel: 'belum ada model',
    notReady: 'belum siap',
    open: 'Buka halaman',
    model: 'Model',
    whole: 'Seluruh API',
    health: 'Kesehatan',
    metrics: 'Metrik',
  },
  en: {
    lead: 'Typed, versioned, monitored inference. These services run here:',
    ready: 'ready',
    noModel: 'no model yet',
    notReady: 'not ready',
    open: 'Open the page',
    model: 'Model',
    whole: 'Whole API',
    health: 'Health',
    metrics: 'Metrics',
  },
} as const
