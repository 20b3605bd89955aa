module.exports = {
  apps: [
    {
      name: 'worker',
      script: '{{ folder }}/alone.js',
      args: ['{{ host }}', '{{ port }}'],
      exec_mode: 'cluster',
      instances: {{ worker_count }},
      // Nothing of pm2's in the workers, and nothing that looks into the working directory.
      pmx: false,
      automation: false,
      vizion: false,
      disable_source_map_support: true,
      watch: false,
    },
  ],
};
