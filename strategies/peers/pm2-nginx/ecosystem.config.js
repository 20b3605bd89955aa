module.exports = {
  apps: [
    {%- for worker in workers %}
    {
      name: 'worker-{{ worker.number }}',
      script: '{{ folder }}/alone.js',
      args: ['{{ worker.host }}', '{{ worker.port }}'],
      exec_mode: 'fork',
      interpreter: '{{ programs.node }}',
      // Nothing of pm2's in the workers, and nothing that looks into the working directory.
      pmx: false,
      automation: false,
      vizion: false,
      disable_source_map_support: true,
      watch: false,
    },
    {%- endfor %}
  ],
};
