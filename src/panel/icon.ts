import { LabIcon } from '@jupyterlab/ui-components';

/** A grid of numbers with one cell that is lit: a tensor on a device. */
export const dlkitIcon = new LabIcon({
  name: 'jupyter-dlkit:panel',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M4 3h16a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm1 2v4h4V5zm6 0v4h2V5zm4 0v4h4V5zM5 11v2h4v-2zm10 0v2h4v-2zM5 15v4h4v-4zm6 0v4h2v-4zm4 0v4h4v-4z" fill-rule="evenodd"/>
  </g>
</svg>`
});
